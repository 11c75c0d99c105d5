import { expect, test } from 'vitest'
import { Tally } from '../load/tally.ts'
import { Measure } from './measure.ts'

test('everything is answered up to a time when every worker has said so since', () => {
  const [first, second, measure] = [new Tally(), new Tally(), new Measure()]
  const hear = (): void => {
    measure.add(0, first.take())
    measure.add(1, second.take())
  }
  const answered = first.ask()
  hear()
  const atMs = Date.now()
  expect(measure.isAnsweredUpTo(atMs)).toBe(false)
  while (Date.now() <= atMs);
  // The other worker speaks last and waits for nothing: that says nothing of the first.
  hear()
  expect(measure.isAnsweredUpTo(atMs)).toBe(false)
  expect(measure.oldestMs).toBeGreaterThan(0)
  answered()
  second.ask()
  hear()
  expect(measure.isAnsweredUpTo(atMs)).toBe(true)
  expect(measure.isAnsweredUpTo(Date.now() + 1_000)).toBe(false)
})
