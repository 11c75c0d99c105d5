import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../test/virtual-clock.ts'
import { Throttle } from './throttle.ts'

function counted(options: { isOn?: boolean; run?: (throttle: () => Throttle) => boolean } = {}) {
  const clock = new VirtualClock()
  const atMs: number[] = []
  const throttle: Throttle = new Throttle({
    clock,
    isOn: options.isOn ?? true,
    run: () => {
      atMs.push(clock.monotonicMs())
      return options.run?.(() => throttle) ?? true
    },
  })
  return { clock, atMs, throttle }
}

describe('a throttle', () => {
  test('lets the first through at once and the rest of the second as one at its end', async () => {
    const { clock, atMs, throttle } = counted()
    for (let i = 0; i < 10; i++) {
      throttle.call()
      await clock.pass(90)
    }
    expect(atMs).toEqual([0])
    await clock.pass(5_000)
    expect(atMs).toEqual([0, 1_000])
  })

  test('keeps a second between all it lets through, for as long as it is called', async () => {
    const { clock, atMs, throttle } = counted()
    for (let i = 0; i < 50; i++) {
      throttle.call()
      await clock.pass(100)
    }
    await clock.pass(2_000)
    expect(atMs).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000])
  })

  test('is not spent by a run that had nothing to tell', async () => {
    let hasNews = false
    const { clock, atMs, throttle } = counted({ run: () => hasNews })
    throttle.call()
    await clock.pass(10)
    hasNews = true
    throttle.call()
    expect(atMs).toEqual([0, 10])
    throttle.call()
    expect(atMs).toEqual([0, 10])
  })

  test('merges what a listener causes from within a run', async () => {
    const { clock, atMs, throttle } = counted({ run: (own) => (own().call(), true) })
    throttle.call()
    expect(atMs).toEqual([0])
    await clock.pass(1_000)
    expect(atMs).toEqual([0, 1_000])
  })

  test('forgets what is due when it is reset, and leaves no timer', async () => {
    const { clock, atMs, throttle } = counted()
    throttle.call()
    throttle.call()
    throttle.reset()
    expect(clock.pending).toBe(0)
    await clock.pass(2_000)
    expect(atMs).toEqual([0])
  })

  test('passes everything when it is off', () => {
    const { atMs, throttle } = counted({ isOn: false })
    for (let i = 0; i < 3; i++) throttle.call()
    expect(atMs).toEqual([0, 0, 0])
  })
})
