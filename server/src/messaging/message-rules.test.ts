import { Refused } from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { assertMayRevoke } from './message-rules.ts'

const message = { senderKey: 1, sentAtMs: 1000 }
const WINDOW_MS = 120_000

function refusal(accountKey: number, nowMs: number, windowMs = WINDOW_MS): string | undefined {
  try {
    assertMayRevoke(message, accountKey, nowMs, windowMs)
    return undefined
  } catch (err) {
    return err instanceof Refused ? err.code : String(err)
  }
}

test('the sender may revoke until the last moment of the window', () => {
  expect(refusal(1, 1000)).toBeUndefined()
  expect(refusal(1, 1000 + WINDOW_MS)).toBeUndefined()
  expect(refusal(1, 1001 + WINDOW_MS)).toBe('REVOKE_WINDOW_OVER')
})

test('nobody else may, and is told why before he is told of the window', () => {
  expect(refusal(2, 1000)).toBe('NOT_THE_SENDER')
  expect(refusal(2, 1001 + WINDOW_MS)).toBe('NOT_THE_SENDER')
})

test('a clock that went back does not close the window', () => {
  expect(refusal(1, 0)).toBeUndefined()
})

test('a window of 0 closes it at the next millisecond', () => {
  expect(refusal(1, 1000, 0)).toBeUndefined()
  expect(refusal(1, 1001, 0)).toBe('REVOKE_WINDOW_OVER')
})
