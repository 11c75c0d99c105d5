import { expect, vi } from 'vitest'
import type { RedisBroker, RedisBrokerOptions } from '../../src/broker/redis-broker.ts'

const PATIENCE = { timeout: 20_000, interval: 10 }

/** So few channels that most topics of a test are had by whole buckets. */
export const FEW = { maxTopicChannels: 5 }

/** Of the nodes' channels there are always their own, and those of the topics that are followed from first to last. */
const FIXED = ['fixed 0', 'fixed 1', 'fixed 2', 'fixed 3']
const MAX_CHANNELS = 100

/**
 * One node publishes on a few topics all the while; the other follows them, then 3,000 more, then those no longer, three
 * times. It must hear each payload once and in order, and hold few channels whenever it follows many topics, and none of
 * whole buckets in the end. `channels` counts those that anybody holds.
 */
export async function expectSeamless(
  open: (options: Partial<RedisBrokerOptions>) => RedisBroker,
  channels: () => Promise<number>,
): Promise<void> {
  const [speaker, listener] = [open({}), open({ maxTopicChannels: MAX_CHANNELS })]
  const heard = new Map<string, number[]>(FIXED.map((topic) => [topic, []]))
  listener.onPayload((topic, payload) => heard.get(topic)?.push(Number(payload)))
  await Promise.all(FIXED.map((topic) => listener.subscribe(topic)))
  await untilUp(speaker)
  const own = await settledCount(channels)
  let count = 0
  const timer = setInterval(() => {
    count += 1
    for (const topic of FIXED) speaker.publish(topic, String(count))
  }, 1)
  const many = Array.from({ length: 3_000 }, (_, i) => `many ${i}`)
  for (let round = 0; round < 3; round += 1) {
    await inSteps(many, (topic) => listener.subscribe(topic))
    // As many buckets at most as there are, and not a channel for each topic.
    await vi.waitFor(async () => expect(await channels()).toBeLessThan(1_024 + MAX_CHANNELS + own), PATIENCE)
    await inSteps(many, (topic) => listener.unsubscribe(topic))
    await vi.waitFor(async () => expect(await channels()).toBe(own), PATIENCE)
  }
  clearInterval(timer)
  await vi.waitFor(
    () => expect([...heard.values()].map((numbers) => numbers.at(-1))).toEqual(FIXED.map(() => count)),
    PATIENCE,
  )
  const all = Array.from({ length: count }, (_, i) => i + 1)
  for (const numbers of heard.values()) expect(numbers).toEqual(all)
  expect(listener.stats().lost).toBe(0)
}

/** Resolves when what is published is no longer dropped, as it is before the publisher's links are up. */
async function untilUp(broker: RedisBroker): Promise<void> {
  await vi.waitFor(() => {
    const before = broker.stats().dropped
    for (let i = 0; i < 50; i += 1) broker.publish(`nobody ${i}`, '')
    expect(broker.stats().dropped).toBe(before)
  }, PATIENCE)
}

async function settledCount(channels: () => Promise<number>): Promise<number> {
  let before = -1
  for (let now = await channels(); now !== before; now = await channels()) {
    before = now
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return before
}

async function inSteps(topics: readonly string[], run: (topic: string) => unknown): Promise<void> {
  for (let at = 0; at < topics.length; at += 250) await Promise.all(topics.slice(at, at + 250).map(run))
}
