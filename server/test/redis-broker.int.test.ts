import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { describeBroker } from '../src/broker/broker.contract.ts'
import { ChannelNames } from '../src/broker/channel-names.ts'
import { RedisBroker, type RedisBrokerOptions } from '../src/broker/redis-broker.ts'
import { systemClock, type Clock } from '../src/kit/clock.ts'
import { systemRandom } from '../src/kit/random.ts'
import { expectSeamless, FEW } from './kit/bucket-story.ts'
import { startRedis } from './kit/redis.ts'
import { useRedisStand } from './kit/redis-stand.ts'

const redis = await startRedis()
const url = redis?.url ?? ''
const PATIENCE = { timeout: 20_000, interval: 10 }

/** Short times, so that a fault and its cure fit into a test. */
const HASTE = { commandTimeoutMs: 700, connectTimeoutMs: 700, selfTestEveryMs: 250, silenceLimitMs: 1_200 }

const stand = useRedisStand(async () => redis?.stop())

function open(options: Partial<RedisBrokerOptions> = {}): RedisBroker {
  const broker = new RedisBroker({
    address: { kind: 'single', url },
    clock: systemClock,
    random: systemRandom,
    onFault: stand.onFault,
    prefix: stand.prefix,
    ...options,
  })
  return stand.keep(broker)
}

interface Node {
  readonly broker: RedisBroker
  readonly heard: string[]
  losses: number
}

/** Nodes that follow 1,500 topics each and have heard from each other. */
async function openNodes(options: Partial<RedisBrokerOptions> = {}): Promise<readonly [Node, Node]> {
  const make = (): Node => {
    const node: Node = { broker: open(options), heard: [], losses: 0 }
    node.broker.onPayload((_, payload) => node.heard.push(payload))
    node.broker.onLost(() => {
      node.losses += 1
    })
    return node
  }
  const nodes = [make(), make()] as const
  const topics = ['a', ...Array.from({ length: 1_500 }, (_, i) => `topic ${i}`)]
  await Promise.all(nodes.flatMap(({ broker }) => topics.map((topic) => broker.subscribe(topic))))
  await bothWays(nodes)
  return nodes
}

/** Resolves when payloads pass between the nodes again, in both directions, on an old topic and on a new one. */
async function bothWays([one, other]: readonly [Node, Node], topic = 'a'): Promise<void> {
  await vi.waitFor(() => {
    const mark = randomUUID()
    one.broker.publish(topic, `one ${mark}`)
    other.broker.publish(topic, `other ${mark}`)
    expect(other.heard.some((payload) => payload.startsWith('one '))).toBe(true)
    expect(one.heard.some((payload) => payload.startsWith('other '))).toBe(true)
  }, PATIENCE)
}

async function command(...args: [string, ...string[]]): Promise<void> {
  const admin = new Redis(url, { lazyConnect: true })
  admin.on('error', () => {})
  await admin.connect()
  await admin.call(...args)
  admin.disconnect()
}

/** After any fault: each node was told once that payloads may be lost, and everything works as before. */
async function expectRecovered(nodes: readonly [Node, Node], lossesBefore = [0, 0]): Promise<void> {
  await vi.waitFor(() => {
    nodes.forEach((node, i) => expect(node.losses).toBeGreaterThan(lossesBefore[i] ?? 0))
  }, PATIENCE)
  // Told of a loss means confirmed: what the other node publishes now has to arrive, if it can publish.
  for (const { heard } of nodes) heard.length = 0
  await bothWays(nodes, 'topic 1499')
  for (const { heard } of nodes) heard.length = 0
  await Promise.all(nodes.map(({ broker }) => broker.subscribe('new')))
  await bothWays(nodes, 'new')
  for (const { broker, losses } of nodes) expect(broker.stats().lost).toBeGreaterThanOrEqual(losses)
}

/** Publishes and subscribes all the while. None of it may throw, and each subscribe has an answer. */
function load(nodes: readonly Node[]): { stop(): Promise<void> } {
  const wishes: Promise<unknown>[] = []
  let count = 0
  const timer = setInterval(() => {
    for (const { broker } of nodes) {
      for (let i = 0; i < 20; i += 1) broker.publish(`topic ${i}`, 'x'.repeat(1_000))
      count += 1
      wishes.push(broker.subscribe(`load ${count}`).catch((err: unknown) => err))
      broker.unsubscribe(`load ${count - 20}`)
    }
  }, 10)
  return {
    async stop() {
      clearInterval(timer)
      const answers = await Promise.all(wishes)
      for (const answer of answers) if (answer !== undefined) expect(answer).toBeInstanceOf(Error)
    },
  }
}

describe.skipIf(!redis)('over a real Redis', () => {
  describeBroker('RedisBroker', open, () => stand.faults)

  describeBroker(
    'RedisBroker that holds whole buckets',
    () => open(FEW),
    () => stand.faults,
  )

  test('from single channels to whole buckets and back nothing is lost or doubled', async () => {
    const admin = new Redis(url)
    await expectSeamless(open, async () => (await admin.pubsub('CHANNELS', `${stand.prefix}*`)).length)
    admin.disconnect()
  })

  test('two nodes with another prefix hear nothing', async () => {
    const nodes = await openNodes()
    const stranger = open({ prefix: `other-${stand.prefix}` })
    await stranger.subscribe('a')
    await bothWays(nodes)
    expect(stranger.stats().received).toBe(0)
  })

  test('publishes of one tick and subscriptions of one tick are few commands', async () => {
    const [one] = await openNodes({ selfTestEveryMs: 60_000 })
    const before = await commandCounts()
    for (let i = 0; i < 500; i += 1) one.broker.publish(`topic ${i}`, 'x')
    await Promise.all(Array.from({ length: 500 }, (_, i) => one.broker.subscribe(`further ${i}`)))
    await vi.waitFor(async () => {
      const after = await commandCounts()
      // To the topic's channel and to the bucket's.
      expect(after.publish - before.publish).toBe(1_000)
      expect(after.eval - before.eval).toBe(2)
      expect(after.subscribe - before.subscribe).toBe(1)
    }, PATIENCE)
  })

  test('subscriptions of many ticks are few commands: what comes while one is on its way leaves together', async () => {
    const [one] = await openNodes({ selfTestEveryMs: 60_000 })
    const before = await commandCounts()
    // The first is on its way for as long as this.
    await command('client', 'pause', '500')
    const subscribed: Promise<void>[] = []
    for (let i = 0; i < 100; i += 1) {
      subscribed.push(one.broker.subscribe(`tick ${i}`))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(subscribed)
    const after = await commandCounts()
    expect(after.subscribe - before.subscribe).toBeLessThan(10)
  })

  test('text that is not ours in one of our channels is ignored', async () => {
    const nodes = await openNodes()
    const { channel, bucketChannel } = new ChannelNames(stand.prefix).of('a')
    for (const text of ['nonsense', 'n,5;ab', 'n,1,1,5;aab']) {
      await command('publish', channel, text)
      await command('publish', bucketChannel, text)
    }
    nodes[1].heard.length = 0
    await bothWays(nodes)
    expect(nodes[1].heard.every((payload) => /^(one|other) /.test(payload))).toBe(true)
  })

  test('what waits for Redis is bounded: beyond that payloads are dropped and counted', async () => {
    const [one, other] = await openNodes({ maxPendingBytes: 105_000 })
    const { dropped } = one.broker.stats()
    other.heard.length = 0
    for (let i = 0; i < 30; i += 1) one.broker.publish('a', String(i).padEnd(10_000))
    expect(one.broker.stats().dropped).toBe(dropped + 20)
    await vi.waitFor(
      () => expect(other.heard.filter((payload) => payload.length === 10_000)).toHaveLength(10),
      PATIENCE,
    )
    await bothWays([one, other])
  })
})

describe.skipIf(!redis)('with nobody at the address', () => {
  test('everything has an answer, local payloads arrive, and nothing throws', async () => {
    const broker = open({ ...HASTE, address: { kind: 'single', url: 'redis://127.0.0.1:1' }, subscribeDeadlineMs: 300 })
    const heard: string[] = []
    broker.onPayload((_, payload) => heard.push(payload))
    const wish = broker.subscribe('a')
    broker.publish('a', 'x')
    await wish
    broker.publish('a', 'while it is in doubt')
    await Promise.resolve()
    broker.unsubscribe('a')
    broker.publish('a', 'after the wish has ended')
    await Promise.resolve()
    expect(heard).toEqual(['x', 'while it is in doubt'])
    expect(broker.stats()).toEqual({ published: 3, dropped: 3, received: 2, lost: 1 })
    // One word for the log per link, not one per attempt.
    await vi.waitFor(() => expect(stand.faults).toHaveLength(2), PATIENCE)
    await broker.close()
  })

  test('a subscription waiting for the link is confirmed when the link comes', async () => {
    const broker = open(HASTE)
    await broker.subscribe('at once')
    expect(broker.stats().lost).toBe(0)
  })
})

describe.skipIf(!redis?.kill)('[F-04] faults of the connections to a Redis of our own', () => {
  test('the subscribers are disconnected: each node is told, and hears everything again', async () => {
    const nodes = await openNodes()
    const working = load(nodes)
    for (let round = 1; round <= 3; round += 1) {
      const before = nodes.map(({ losses }) => losses)
      await command('client', 'kill', 'type', 'pubsub')
      await expectRecovered(nodes, before)
    }
    await working.stop()
  })

  test('all connections are disconnected', async () => {
    const nodes = await openNodes()
    const working = load(nodes)
    await command('client', 'kill', 'type', 'pubsub')
    await command('client', 'kill', 'type', 'normal', 'skipme', 'yes')
    await expectRecovered(nodes)
    await working.stop()
  })

  test('CLIENT PAUSE: nothing waits for it, and afterwards all is well', async () => {
    const nodes = await openNodes(HASTE)
    const working = load(nodes)
    await command('client', 'pause', '4000', 'all')
    await expectRecovered(nodes)
    await working.stop()
    expect(nodes[0].broker.stats().dropped).toBeGreaterThan(0)
  })

  test('FLUSHALL costs nothing', async () => {
    const nodes = await openNodes()
    await command('flushall')
    for (const { heard } of nodes) heard.length = 0
    await bothWays(nodes)
    expect(nodes.map(({ losses }) => losses)).toEqual([0, 0])
  })
})

describe.skipIf(!redis?.kill)('[F-03] faults of a Redis of our own', () => {
  afterEach(async () => {
    await redis?.kill?.('SIGCONT')
  })

  test('kill -9 and restart: sends go on, the nodes find each other again', async () => {
    const nodes = await openNodes()
    const working = load(nodes)
    await redis?.kill?.('SIGKILL')
    // While it is dead the sessions of a node itself lose nothing.
    nodes[0].heard.length = 0
    nodes[0].broker.publish('a', 'to myself')
    await vi.waitFor(() => expect(nodes[0].heard).toContain('to myself'), PATIENCE)
    await vi.waitFor(() => expect(nodes[0].broker.stats().dropped).toBeGreaterThan(100), PATIENCE)
    await redis?.restart?.()
    await expectRecovered(nodes)
    await working.stop()
    expect(nodes.map(({ losses }) => losses)).toEqual([1, 1])
  })

  test('a stopped Redis is noticed by its silence alone, when nobody asks it anything', async () => {
    const nodes = await openNodes({ ...HASTE, commandTimeoutMs: 15_000 })
    await redis?.kill?.('SIGSTOP')
    await vi.waitFor(() => expect(nodes.map(({ broker }) => broker.stats().lost)).toEqual([1, 1]), PATIENCE)
    await redis?.kill?.('SIGCONT')
    await expectRecovered(nodes)
  })

  test('a stopped Redis is noticed by a publish without an answer, and from then on nothing piles up for it', async () => {
    const [{ broker }] = await openNodes({ ...HASTE, selfTestEveryMs: 60_000 })
    await redis?.kill?.('SIGSTOP')
    broker.publish('a', 'x')
    await vi.waitFor(() => {
      const { dropped } = broker.stats()
      broker.publish('a', 'x')
      expect(broker.stats().dropped).toBe(dropped + 1)
    }, PATIENCE)
    expect(broker.stats().lost).toBe(0)
  })

  test('SIGSTOP for 3 s under load: the nodes are told, and hear everything again', async () => {
    const nodes = await openNodes(HASTE)
    const working = load(nodes)
    await redis?.kill?.('SIGSTOP')
    const started = performance.now()
    await vi.waitFor(() => expect(nodes.map(({ broker }) => broker.stats().lost)).toEqual([1, 1]), PATIENCE)
    await vi.waitFor(() => expect(performance.now() - started).toBeGreaterThan(3_000), PATIENCE)
    await redis?.kill?.('SIGCONT')
    await expectRecovered(nodes)
    await working.stop()
  })

  test('who subscribes while Redis is stopped waits once and then no more, and is told when to compare', async () => {
    const deadlines: number[] = []
    const subscribeDeadlineMs = 123
    const clock: Clock = {
      ...systemClock,
      after: (ms, run) => {
        if (ms === subscribeDeadlineMs) deadlines.push(ms)
        return systemClock.after(ms, run)
      },
    }
    const nodes = await openNodes({ ...HASTE, clock, subscribeDeadlineMs })
    await redis?.kill?.('SIGSTOP')
    deadlines.length = 0
    await nodes[0].broker.subscribe('early')
    expect(deadlines).toHaveLength(1)
    // Not told of a loss before it is noticed, nor while it lasts.
    await vi.waitFor(() => expect(nodes[0].broker.isUp()).toBe(false), PATIENCE)
    const many = Array.from({ length: 500 }, (_, i) => `late ${i}`)
    await Promise.all(many.map((topic) => nodes[0].broker.subscribe(topic)))
    expect(deadlines).toHaveLength(1)
    expect(nodes[0].losses).toBe(0)
    await redis?.kill?.('SIGCONT')
    await vi.waitFor(() => expect(nodes[0].losses).toBe(1), PATIENCE)
    await vi.waitFor(() => expect(nodes[1].broker.isUp()).toBe(true), PATIENCE)
    for (const topic of ['early', 'late 0', 'late 499']) {
      nodes[0].heard.length = 0
      nodes[1].broker.publish(topic, topic)
      await vi.waitFor(() => expect(nodes[0].heard).toEqual([topic]), PATIENCE)
    }
  })

  test('one subscription in doubt on a link that lives is told of as a loss when it is confirmed', async () => {
    // Every confirmation takes longer than this.
    const node = open({ ...HASTE, subscribeDeadlineMs: 0 })
    let losses = 0
    node.onLost(() => {
      losses += 1
    })
    await redis?.kill?.('SIGSTOP')
    await node.subscribe('a')
    expect(losses).toBe(0)
    await redis?.kill?.('SIGCONT')
    await vi.waitFor(() => expect(losses).toBe(1), PATIENCE)
    await node.subscribe('a')
    expect(losses).toBe(1)
  })

  test('close has an end also while Redis is stopped', async () => {
    const nodes = await openNodes(HASTE)
    await redis?.kill?.('SIGSTOP')
    nodes[0].broker.publish('a', 'x')
    const wish = nodes[0].broker.subscribe('never').then(
      () => 'confirmed',
      (err: unknown) => String(err),
    )
    await Promise.all(nodes.map(({ broker }) => broker.close()))
    expect(await wish).toContain('closed')
  })

  test('a node that starts while Redis is stopped joins when it goes on', async () => {
    await redis?.kill?.('SIGSTOP')
    const broker = open({ ...HASTE, subscribeDeadlineMs: 20_000 })
    const wish = broker.subscribe('a')
    await vi.waitFor(() => expect(stand.faults.length).toBeGreaterThan(0), PATIENCE)
    await redis?.kill?.('SIGCONT')
    await wish
    expect(broker.stats().lost).toBe(0)
  })
})

async function commandCounts(): Promise<{
  readonly publish: number
  readonly eval: number
  readonly subscribe: number
}> {
  const admin = new Redis(url)
  const text = await admin.info('commandstats')
  admin.disconnect()
  const countOf = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(text)?.[1] ?? 0)
  return { publish: countOf('publish'), eval: countOf('eval'), subscribe: countOf('subscribe') }
}
