import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import type { Random } from '../kit/random.ts'
import { ConnectGate } from './connect-gate.ts'

const SECOND_MS = 1_000

function gateWith(fraction: number): { gate: ConnectGate; clock: ManualClock } {
  const clock = new ManualClock()
  const random: Random = { fraction: () => fraction, id: () => 'id' }
  return { gate: new ConnectGate(clock, random), clock }
}

/** Attempts one after the other for a while, and counts. */
async function attempts(
  gate: ConnectGate,
  clock: ManualClock,
  forMs: number,
  attempt: () => Promise<void>,
): Promise<number> {
  let count = 0
  let isOver = false
  const loop = async (): Promise<void> => {
    while (!isOver) {
      await gate
        .pass(async () => {
          if (!isOver) count++
          await attempt()
        })
        .catch(() => {})
    }
  }
  const looping = loop()
  await clock.pass(forMs)
  isOver = true
  await clock.pass(10 * SECOND_MS)
  await looping
  return count
}

test('a process that starts may open its pools at once', async () => {
  const { gate } = gateWith(0)
  let open = 0
  await Promise.all(Array.from({ length: 10 }, () => gate.pass(() => Promise.resolve(open++))))
  expect(open).toBe(10)
})

test('connections that succeed and are lost at once are made five times a second at most', async () => {
  const { gate, clock } = gateWith(0)
  const burst = 10
  const count = await attempts(gate, clock, 20 * SECOND_MS, () => Promise.resolve())
  expect(count).toBeLessThanOrEqual(burst + 20 * 5)
  expect(count).toBeGreaterThanOrEqual(20 * 5)
})

test('attempts that fail are made one at a time, five times a second at most even with the shortest waits', async () => {
  const { gate, clock } = gateWith(0)
  const count = await attempts(gate, clock, 20 * SECOND_MS, () => Promise.reject(new Error('away')))
  expect(count).toBeLessThanOrEqual(1 + 20 * 5)
})

test('the waits grow to a bound, so that a server that returns is found soon', async () => {
  const { gate, clock } = gateWith(0.999)
  await attempts(gate, clock, 20 * SECOND_MS, () => Promise.reject(new Error('away')))
  expect(gate.failures).toBeGreaterThan(10)
  let isThere = false
  const found = gate.pass(() => Promise.resolve((isThere = true)))
  await clock.pass(1_500)
  expect(isThere).toBe(true)
  await found
  expect(gate.failures).toBe(0)
})

test('many attempts under way when the server goes count as one failure', async () => {
  const { gate, clock } = gateWith(0)
  const away = async (): Promise<never> => {
    await new Promise<void>((resolve) => void clock.after(SECOND_MS, resolve))
    throw new Error('away')
  }
  const all = Promise.allSettled([gate.pass(away), gate.pass(away), gate.pass(away)])
  await clock.pass(SECOND_MS)
  await all
  expect(gate.failures).toBe(1)
})

test('while attempts fail the next one waits for the one under way', async () => {
  const { gate, clock } = gateWith(0)
  await gate.pass(() => Promise.reject(new Error('away'))).catch(() => {})
  let underWay = 0
  let most = 0
  const slow = async (): Promise<void> => {
    most = Math.max(most, ++underWay)
    await new Promise<void>((resolve) => void clock.after(2 * SECOND_MS, resolve))
    underWay--
    throw new Error('away')
  }
  const all = Promise.allSettled([gate.pass(slow), gate.pass(slow), gate.pass(slow)])
  await clock.pass(20 * SECOND_MS)
  await all
  expect(most).toBe(1)
})

test('an attempt that is no longer wanted when its turn comes says nothing about the server', async () => {
  const { gate, clock } = gateWith(1)
  await gate.pass(() => Promise.reject(new Error('away'))).catch(() => {})
  const unwanted = gate.pass(() => undefined)
  await clock.pass(2 * SECOND_MS)
  expect(await unwanted).toBeUndefined()
  expect(gate.failures).toBe(1)
})
