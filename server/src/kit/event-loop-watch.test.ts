import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { until } from '../../test/kit/until.ts'
import { systemClock } from './clock.ts'
import { EventLoopWatch } from './event-loop-watch.ts'

test('an event loop that turns has no stalls', async () => {
  const clock = new ManualClock()
  const watch = new EventLoopWatch({ clock, stallMs: 1_000 })
  watch.start()
  await clock.pass(60_000)
  expect(watch.stalls).toBe(0)
  expect(watch.stalledWithin(60_000)).toBeUndefined()
  await watch.stop()
  expect(clock.alarms).toBe(0)
})

test('an event loop that stood still is known to have, for a while', async () => {
  const watch = new EventLoopWatch({ clock: systemClock, stallMs: 300 })
  watch.start()
  onTestFinished(() => watch.stop())
  const untilMs = performance.now() + 800
  while (performance.now() < untilMs) Math.sqrt(2)
  await until('the stall is seen', () => watch.stalls === 1)
  expect(watch.stalledWithin(30_000)?.tookMs).toBeGreaterThanOrEqual(300)
  await until('it is forgotten', () => watch.stalledWithin(1) === undefined)
})
