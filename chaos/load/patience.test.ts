import { clientFailure } from '../../client-sdk/src/core/failure.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { askPatiently } from './patience.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const away = (): Promise<never> => Promise.reject(clientFailure('NO_NETWORK'))

/** What came of it within so many seconds. */
async function outcomeAfter(seconds: number, answer: Promise<{ kind: string }>): Promise<string> {
  let kind = 'still asking'
  void answer.then((ended) => (kind = ended.kind))
  await vi.advanceTimersByTimeAsync(seconds * 1_000)
  return kind
}

test('gives up after 150 s without an answer', async () => {
  const answer = askPatiently({ cutOffUntilMs: 0 }, away)
  expect(await outcomeAfter(149, answer)).toBe('still asking')
  expect(await outcomeAfter(2, answer)).toBe('unanswered')
})

test('what the rig itself keeps away does not count', async () => {
  const asker = { cutOffUntilMs: Number.POSITIVE_INFINITY }
  const answer = askPatiently(asker, away)
  expect(await outcomeAfter(300, answer)).toBe('still asking')
  asker.cutOffUntilMs = performance.now()
  expect(await outcomeAfter(149, answer)).toBe('still asking')
  expect(await outcomeAfter(2, answer)).toBe('unanswered')
})

test('a final refusal is not asked for again, and what failed before was counted', async () => {
  const failures = [clientFailure('NO_NETWORK'), clientFailure('NOT_A_MEMBER')]
  const onFailed = vi.fn<() => void>()
  const answer = askPatiently(
    { cutOffUntilMs: 0 },
    () => Promise.reject(failures.shift() ?? new Error('none left')),
    onFailed,
  )
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await answer).toEqual({ kind: 'refused', failure: 'NOT_A_MEMBER', attempts: 2 })
  expect(onFailed).toHaveBeenCalledTimes(1)
})
