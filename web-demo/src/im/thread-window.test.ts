import type { Message } from '@hongyan/client-sdk'
import { expect, test } from 'vitest'
import { joined, keepNewest, keepOldest, newestStored, oldestStored } from './thread-window.ts'

function message(sequence: number, fields: Partial<Message> = {}): Message {
  return {
    ID: `m${sequence}`,
    sequence,
    time: sequence,
    status: 'success',
    _onlineOnlyFlag: false,
    ...fields,
  } as Message
}

function ids(messages: readonly Message[]): string {
  return messages.map(({ ID }) => ID).join(' ')
}

test('two pages become one, in the server’s order, each message once', () => {
  expect(ids(joined([message(3), message(4)], [message(1), message(2), message(3)]))).toBe('m1 m2 m3 m4')
})

test('of a message that is in both, the second one is newer', () => {
  const [kept] = joined([message(1, { isRevoked: false })], [message(1, { isRevoked: true })])
  expect(kept?.isRevoked).toBe(true)
})

test('a message on its way stands by its time, and where the server puts it once it has arrived', () => {
  const unsent = message(999, { ID: 'mine', time: 2, status: 'unSend' })
  expect(ids(joined([message(1), message(2), message(3)], [unsent]))).toBe('m1 m2 mine m3')
  expect(ids(joined([message(1), message(4)], [{ ...unsent, status: 'success', sequence: 3 }]))).toBe('m1 mine m4')
})

test('several that failed in the same second keep the order in which they were written', () => {
  const failed = ['a', 'b', 'c'].map((ID, index) => message(900 + index, { ID, time: 5, status: 'fail' }))
  expect(ids(joined([message(5), message(9)], failed))).toBe('m5 a b c m9')
})

test('a window that grows too large loses one end, and not with every single message', () => {
  const many = Array.from({ length: 160 }, (_, index) => message(index + 1))
  expect(keepNewest(many, 100)).toBe(many)
  const more = [...many, message(161)]
  expect(ids(keepNewest(more, 100)).split(' ')).toHaveLength(100)
  expect(oldestStored(keepNewest(more, 100))?.sequence).toBe(62)
  expect(newestStored(keepOldest(more, 100))?.sequence).toBe(100)
})

test('what has no place in the order is no edge to go on from', () => {
  const failed = message(12_345, { status: 'fail' })
  expect(newestStored([message(1), failed])?.sequence).toBe(1)
  expect(oldestStored([failed, message(2)])?.sequence).toBe(2)
})
