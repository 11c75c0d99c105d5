import { describe, expect, test } from 'vitest'
import { ManualClock, settle } from '../../test/kit/manual-clock.ts'
import { silentLogger } from './logger.ts'
import { Loop } from './loop.ts'

function startLoop(turn: (signal: AbortSignal) => Promise<void>) {
  const clock = new ManualClock()
  const loop = new Loop({ name: 'test', everyMs: 100, clock, log: silentLogger(), turn })
  loop.start()
  return { clock, loop }
}

describe('Loop', () => {
  test('runs its turn again and again, for the first time after one pause', async () => {
    let turns = 0
    const { clock } = startLoop(async () => void turns++)
    expect(turns).toBe(0)
    await clock.pass(99)
    expect(turns).toBe(0)
    await clock.pass(1)
    expect(turns).toBe(1)
    await clock.pass(1000)
    expect(turns).toBe(11)
  })

  test('a turn that is slow is not run twice at once; the pause begins at its end', async () => {
    const ends: (() => void)[] = []
    const { clock } = startLoop(() => new Promise((resolve) => ends.push(resolve)))
    await clock.pass(1000)
    expect(ends).toHaveLength(1)
    ends[0]?.()
    await clock.pass(99)
    expect(ends).toHaveLength(1)
    await clock.pass(1)
    expect(ends).toHaveLength(2)
  })

  test('goes on after a turn that failed', async () => {
    let turns = 0
    const { clock } = startLoop(async () => {
      turns++
      throw new Error('the database is away')
    })
    await clock.pass(300)
    expect(turns).toBe(3)
  })

  test('stop waits for the turn that runs, tells it, and lets none begin', async () => {
    const signals: AbortSignal[] = []
    let end = (): void => {}
    const { clock, loop } = startLoop((signal) => {
      signals.push(signal)
      return new Promise((resolve) => (end = resolve))
    })
    await clock.pass(100)
    let hasStopped = false
    const stopped = loop.stop().then(() => (hasStopped = true))
    await settle()
    expect(signals.map((signal) => signal.aborted)).toEqual([true])
    expect(hasStopped).toBe(false)
    end()
    await stopped
    await clock.pass(1000)
    expect(signals).toHaveLength(1)
    expect(clock.alarms).toBe(0)
  })

  test('stop before the first turn leaves nothing behind', async () => {
    let turns = 0
    const { clock, loop } = startLoop(async () => void turns++)
    await loop.stop()
    await clock.pass(1000)
    expect(turns).toBe(0)
    expect(clock.alarms).toBe(0)
  })
})
