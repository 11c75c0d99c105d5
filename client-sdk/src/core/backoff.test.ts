import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'

test('the k-th wait is drawn from twice the range of the one before, up to 20 s', () => {
  const backoff = new Backoff(() => 0.999_999)
  const waits = Array.from({ length: 8 }, () => Math.ceil(backoff.nextMs() / 1000))
  expect(waits).toEqual([1, 2, 4, 8, 16, 20, 20, 20])
})

test('success starts again within the first second', () => {
  const backoff = new Backoff(() => 0.999_999)
  for (let i = 0; i < 9; i++) backoff.nextMs()
  backoff.reset()
  expect(backoff.nextMs()).toBeLessThan(1000)
})

test('no wait is negative or beyond the cap, whatever chance says and however long it goes on', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 999 }), { maxLength: 3000 }), (draws) => {
      let index = 0
      const backoff = new Backoff(() => (draws[index++] ?? 0) / 1000)
      for (let i = 0; i < draws.length; i++) {
        const waitMs = backoff.nextMs()
        expect(waitMs >= 0 && waitMs < 20_000).toBe(true)
      }
    }),
  )
})

test('who has just failed when the server comes back is caught up 30 s later: the wait leaves 10 s for the rest (I13)', () => {
  const backoff = new Backoff(() => 0.999_999)
  const longestMs = Math.max(...Array.from({ length: 20 }, () => backoff.nextMs()))
  expect(longestMs).toBeLessThanOrEqual(30_000 - 10_000)
})
