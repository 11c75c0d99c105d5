import { Refused } from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('so many at once, the others in order, and more than may wait are refused', async () => {
  const turns = new Turns({ maxAtOnce: 2, maxWaiting: 2 })
  const started: number[] = []
  const ends: (() => void)[] = []
  const run = (name: number): Promise<void> =>
    turns.run(() => {
      started.push(name)
      return new Promise((resolve) => ends.push(resolve))
    })
  const all = [run(1), run(2), run(3), run(4)]
  await expect(run(5)).rejects.toThrow(new Refused('TOO_MANY_REQUESTS'))
  expect([started, turns.running]).toEqual([[1, 2], 2])
  ends[0]?.()
  await all[0]
  expect([started, turns.running]).toEqual([[1, 2, 3], 2])
  for (const end of ends) end()
  await all[2]
  for (const end of ends) end()
  await Promise.all(all)
  expect([started, turns.running]).toEqual([[1, 2, 3, 4], 0])
})

test('work that fails gives its place on', async () => {
  const turns = new Turns({ maxAtOnce: 1, maxWaiting: 1 })
  const failed = turns.run(() => Promise.reject(new Error('no')))
  const next = turns.run(() => Promise.resolve('yes'))
  await expect(failed).rejects.toThrow('no')
  expect([await next, turns.running]).toEqual(['yes', 0])
})
