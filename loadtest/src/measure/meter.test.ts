import { expect, test } from 'vitest'
import { distributionOf, merge, Meter } from './meter.ts'

test('percentiles are those of all values of all processes together', () => {
  const meters = [new Meter(), new Meter()]
  for (let ms = 1; ms <= 1000; ms++) meters[ms % 2]?.time('delivered', ms)
  const { timed } = merge(meters.map((meter) => meter.all()))
  const distribution = distributionOf(timed.delivered)
  expect(distribution?.count).toBe(1000)
  expect(distribution?.p50Ms).toBeCloseTo(500, -1)
  expect(distribution?.p99Ms).toBeCloseTo(990, -1)
  expect(distribution?.maxMs).toBeCloseTo(1000, -1)
  expect(distribution?.meanMs).toBeCloseTo(500.5, 0)
})

test('the bars hold every value once, and where they stand is where the values are', () => {
  const meter = new Meter()
  for (let index = 0; index < 5000; index++) meter.time('acknowledged', 0.05 * 1.002 ** index)
  const distribution = distributionOf(meter.all().timed.acknowledged)
  const bars = distribution?.bars ?? []
  expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(5000)
  expect(bars[0]?.fromMs).toBeLessThanOrEqual(0.05)
  const below = bars.filter(({ toMs }) => toMs <= (distribution?.p50Ms ?? 0)).reduce((sum, { count }) => sum + count, 0)
  expect(below).toBeGreaterThan(2200)
  expect(below).toBeLessThanOrEqual(2500)
})

test('what was recent is told once, what was counted always', () => {
  const meter = new Meter()
  meter.time('delivered', 5)
  meter.count('sent', 2)
  expect(distributionOf(meter.takeRecent().timed.delivered)?.count).toBe(1)
  expect(distributionOf(meter.takeRecent().timed.delivered)).toBeUndefined()
  expect(meter.takeRecent().counts).toEqual({ sent: 2 })
  expect(distributionOf(meter.all().timed.delivered)?.count).toBe(1)
})
