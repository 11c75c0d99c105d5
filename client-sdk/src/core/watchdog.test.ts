import { expect, test } from 'vitest'
import { VirtualClock } from '../../test/virtual-clock.ts'
import { Watchdog } from './watchdog.ts'

function make() {
  const clock = new VirtualClock()
  const seen: string[] = []
  const watchdog = new Watchdog({
    clock,
    ping: () => seen.push(`ping ${clock.monotonicMs()}`),
    onSilent: () => seen.push(`silent ${clock.monotonicMs()}`),
  })
  return { clock, seen, watchdog }
}

test('[LIVE-1] silence beyond the server’s own ping is asked about, and without an answer in 5 s it barks once', async () => {
  const { clock, seen, watchdog } = make()
  watchdog.start(25_000)
  await clock.pass(200_000)
  expect(seen).toEqual(['ping 30000', 'silent 35000'])
})

test('[LIVE-1] any traffic is a sign of life', async () => {
  const { clock, seen, watchdog } = make()
  watchdog.start(25_000)
  for (let i = 0; i < 10; i++) {
    await clock.pass(20_000)
    watchdog.heard()
  }
  expect(seen).toEqual([])
  await clock.pass(31_000)
  expect(seen).toEqual(['ping 230000'])
  watchdog.heard()
  await clock.pass(29_000)
  expect(seen).toEqual(['ping 230000'])
})

test('[LIVE-2] a probe barks after its own short deadline, and not after an answer', async () => {
  const { clock, seen, watchdog } = make()
  watchdog.start(25_000)
  watchdog.probe(2000)
  await clock.pass(1000)
  watchdog.heard()
  await clock.pass(20_000)
  expect(seen).toEqual(['ping 0'])
  watchdog.probe(2000)
  await clock.pass(2000)
  expect(seen).toEqual(['ping 0', 'ping 21000', 'silent 23000'])
})

test('a stopped one is silent, and leaves no timer behind', async () => {
  const { clock, seen, watchdog } = make()
  watchdog.start(25_000)
  watchdog.stop()
  watchdog.probe(2000)
  watchdog.heard()
  await clock.pass(100_000)
  expect(seen).toEqual([])
  expect(clock.pending).toBe(0)
})
