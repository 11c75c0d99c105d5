import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'
import { silentLogger } from './logger.ts'
import { Loop } from './loop.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function startLoop(turn: (signal: AbortSignal) => Promise<void>): Loop {
  const loop = new Loop({ name: 'test', everyMs: 100, clock: systemClock, log: silentLogger(), turn })
  loop.start()
  return loop
}

describe('Loop', () => {
  test('runs its turn again and again, for the first time after one pause', async () => {
    let turns = 0
    startLoop(async () => void turns++)
    expect(turns).toBe(0)
    await vi.advanceTimersByTimeAsync(99)
    expect(turns).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(turns).toBe(1)
    await vi.advanceTimersByTimeAsync(1000)
    expect(turns).toBe(11)
  })

  test('a turn that is slow is not run twice at once; the pause begins at its end', async () => {
    const ends: (() => void)[] = []
    startLoop(() => new Promise((resolve) => ends.push(resolve)))
    await vi.advanceTimersByTimeAsync(1000)
    expect(ends).toHaveLength(1)
    ends[0]?.()
    await vi.advanceTimersByTimeAsync(99)
    expect(ends).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(ends).toHaveLength(2)
  })

  test('goes on after a turn that failed', async () => {
    let turns = 0
    startLoop(async () => {
      turns++
      throw new Error('the database is away')
    })
    await vi.advanceTimersByTimeAsync(300)
    expect(turns).toBe(3)
  })

  test('stop waits for the turn that runs, tells it, and lets none begin', async () => {
    const signals: AbortSignal[] = []
    let end = (): void => {}
    const loop = startLoop((signal) => {
      signals.push(signal)
      return new Promise((resolve) => (end = resolve))
    })
    await vi.advanceTimersByTimeAsync(100)
    let hasStopped = false
    const stopped = loop.stop().then(() => (hasStopped = true))
    await vi.advanceTimersByTimeAsync(0)
    expect(signals.map((signal) => signal.aborted)).toEqual([true])
    expect(hasStopped).toBe(false)
    end()
    await stopped
    await vi.advanceTimersByTimeAsync(1000)
    expect(signals).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('stop before the first turn leaves nothing behind', async () => {
    let turns = 0
    const loop = startLoop(async () => void turns++)
    await loop.stop()
    await vi.advanceTimersByTimeAsync(1000)
    expect(turns).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})
