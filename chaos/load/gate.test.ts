import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Gate } from './gate.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('so many messages a second go through, however they are bundled', async () => {
  const gate = new Gate(500)
  let sent = 0
  const live = async (burst: number): Promise<void> => {
    for (;;) {
      await gate.turn()
      gate.spend(burst - 1)
      sent += burst
    }
  }
  gate.open()
  for (let burst = 1; burst <= 8; burst++) void live(burst)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sent).toBeGreaterThan(4_900)
  expect(sent).toBeLessThan(5_100)
  gate.shut()
  const before = sent
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent).toBe(before)
})
