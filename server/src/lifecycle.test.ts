import { describe, expect, test } from 'vitest'
import { ManualClock, settle } from '../test/kit/manual-clock.ts'
import { silentLogger } from './kit/logger.ts'
import { drainSessions, stopInOrder, type StopStep } from './lifecycle.ts'

const forever = (): Promise<void> => new Promise(() => {})

async function stopWith(steps: readonly StopStep[], passMs = 0): Promise<boolean> {
  const clock = new ManualClock()
  let hasStopped = false
  void stopInOrder(steps, { clock, log: silentLogger() }).then(() => (hasStopped = true))
  await clock.pass(passMs)
  await settle()
  expect(hasStopped ? clock.alarms : 0).toBe(0)
  return hasStopped
}

describe('stopInOrder', () => {
  test('begins a step when the one before it has ended', async () => {
    const done: string[] = []
    let endFirst = (): void => {}
    const steps: StopStep[] = [
      { name: 'first', deadlineMs: 100, run: () => new Promise((resolve) => (endFirst = resolve)) },
      { name: 'second', deadlineMs: 100, run: async () => void done.push('second') },
    ]
    const clock = new ManualClock()
    const stopped = stopInOrder(steps, { clock, log: silentLogger() })
    await settle()
    expect(done).toEqual([])
    endFirst()
    await stopped
    expect(done).toEqual(['second'])
    expect(clock.alarms).toBe(0)
  })

  test('a step that fails, at once or later, holds nobody up', async () => {
    const done: string[] = []
    const steps: StopStep[] = [
      {
        name: 'throws',
        deadlineMs: 100,
        run: () => {
          throw new Error('at once')
        },
      },
      { name: 'rejects', deadlineMs: 100, run: () => Promise.reject(new Error('later')) },
      { name: 'last', deadlineMs: 100, run: async () => void done.push('last') },
    ]
    expect(await stopWith(steps)).toBe(true)
    expect(done).toEqual(['last'])
  })

  test('a step that hangs is left behind at its deadline', async () => {
    const done: string[] = []
    const steps: StopStep[] = [
      { name: 'hangs', deadlineMs: 100, run: forever },
      { name: 'last', deadlineMs: 100, run: async () => void done.push('last') },
    ]
    expect(await stopWith(steps, 99)).toBe(false)
    expect(done).toEqual([])
    expect(await stopWith(steps, 100)).toBe(true)
    expect(done).toEqual(['last'])
  })
})

/** Sessions that note when they were closed. */
function sessionsOf(count: number, clock: ManualClock) {
  const closedAt: number[] = []
  const left = new Set(Array.from({ length: count }, (_, id) => ({ id })))
  const sessions = () =>
    [...left].map((one) => ({
      close: (code: number) => {
        expect(code).toBe(4000)
        closedAt.push(clock.monotonicMs())
        left.delete(one)
      },
    }))
  return { sessions, closedAt }
}

describe('drainSessions', () => {
  test('closes few sessions at once', async () => {
    const clock = new ManualClock()
    const { sessions, closedAt } = sessionsOf(50, clock)
    await drainSessions(sessions, { windowMs: 10_000, clock })
    expect(closedAt).toEqual(Array.from({ length: 50 }, () => 0))
  })

  test('[CLOSE-2] closes many in slices over the window, so that they do not all come back in one second', async () => {
    const clock = new ManualClock()
    const { sessions, closedAt } = sessionsOf(2000, clock)
    let hasDrained = false
    void drainSessions(sessions, { windowMs: 10_000, clock }).then(() => (hasDrained = true))
    await clock.pass(10_000)
    expect(hasDrained).toBe(true)
    expect(closedAt).toHaveLength(2000)
    const perSecond = Array.from(
      { length: 10 },
      (_, second) => closedAt.filter((ms) => Math.floor(ms / 1000) === second).length,
    )
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(200)
  })

  test('ends at once when there is nobody, and takes who came in meanwhile', async () => {
    const clock = new ManualClock()
    await drainSessions(() => [], { windowMs: 10_000, clock })
    const early = sessionsOf(120, clock)
    const late = sessionsOf(10, clock)
    const drained = drainSessions(() => [...early.sessions(), ...(clock.monotonicMs() > 0 ? late.sessions() : [])], {
      windowMs: 1000,
      clock,
    })
    await clock.pass(1000)
    await drained
    expect(late.closedAt).toHaveLength(10)
  })
})
