import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { describeBroker } from '../src/broker/broker.contract.ts'
import { ChannelNames } from '../src/broker/channel-names.ts'
import { slotOf } from '../src/broker/key-slot.ts'
import { RedisBroker, type RedisBrokerOptions } from '../src/broker/redis-broker.ts'
import { expectSeamless, FEW } from './kit/bucket-story.ts'
import { RedisClusterStore } from '../src/broker/redis-cluster-store.ts'
import { systemClock } from '../src/kit/clock.ts'
import { systemRandom } from '../src/kit/random.ts'
import { describePresence, eventually, session } from '../src/presence/presence.contract.ts'
import { leaseKey, RedisPresence, type RedisPresenceOptions } from '../src/presence/redis-presence.ts'
import { startRedisCluster, type ClusterNode, type RedisCluster } from './kit/redis-cluster.ts'
import { useRedisStand } from './kit/redis-stand.ts'

const [found, foundReplicated] = await Promise.all([startRedisCluster(), startRedisCluster({ replicasEach: 1 })])
const PATIENCE = { timeout: 25_000, interval: 10 }

/** Short times, so that a fault and its cure fit into a test. */
const HASTE = { commandTimeoutMs: 700, connectTimeoutMs: 700, selfTestEveryMs: 250, silenceLimitMs: 1_200 }

const stand = useRedisStand(() => Promise.all([found?.stop(), foundReplicated?.stop()]))

/** Only called where there is one: the suites are skipped otherwise. */
function clusterOf(maybe: RedisCluster | undefined): RedisCluster {
  if (!maybe) throw new Error('no cluster')
  return maybe
}

function open(cluster: RedisCluster, options: Partial<RedisBrokerOptions> = {}): RedisBroker {
  const broker = new RedisBroker({
    // One that is up is enough.
    address: { kind: 'cluster', urls: ['redis://127.0.0.1:1', ...cluster.urls] },
    clock: systemClock,
    random: systemRandom,
    onFault: stand.onFault,
    prefix: stand.prefix,
    ...options,
  })
  return stand.keep(broker)
}

function openPresence(cluster: RedisCluster, options: Partial<RedisPresenceOptions> = {}): RedisPresence {
  const store = new RedisClusterStore({
    urls: ['redis://127.0.0.1:1', ...cluster.urls],
    name: 'presence-test',
    commandTimeoutMs: 700,
    connectTimeoutMs: 700,
    clock: systemClock,
    random: systemRandom,
    onFault: stand.onFault,
  })
  const presence = new RedisPresence({
    store,
    clock: systemClock,
    random: systemRandom,
    prefix: stand.prefix,
    ...options,
  })
  return stand.keep(presence)
}

interface Node {
  readonly broker: RedisBroker
  readonly heard: string[]
  losses: number
}

/** Topics that are spread over all servers. */
const TOPICS = Array.from({ length: 1_500 }, (_, i) => `topic ${i}`)

/** Nodes that follow all of the topics and have heard from each other on each of them. */
async function openNodes(
  cluster: RedisCluster,
  options: Partial<RedisBrokerOptions> = {},
): Promise<readonly [Node, Node]> {
  const make = (): Node => {
    const node: Node = { broker: open(cluster, options), heard: [], losses: 0 }
    node.broker.onPayload((_, payload) => node.heard.push(payload))
    node.broker.onLost(() => {
      node.losses += 1
    })
    return node
  }
  const nodes = [make(), make()] as const
  await Promise.all(nodes.flatMap(({ broker }) => TOPICS.map((topic) => broker.subscribe(topic))))
  await bothWays(nodes)
  return nodes
}

/** A topic of each server as the slots were at the start. */
function topicsOf(cluster: RedisCluster): readonly string[] {
  const masters = 3
  return cluster.nodes.slice(0, masters).map((_, share) => {
    const topic = TOPICS.find((name) => Math.floor((slotOfTopic(name) * masters) / 16_384) === share)
    if (topic === undefined) throw new Error('no topic there')
    return topic
  })
}

function slotOfTopic(topic: string): number {
  return slotOf(new ChannelNames(stand.prefix).of(topic).channel)
}

/** Resolves when payloads pass between the nodes in both directions on each of these topics. */
async function bothWays(nodes: readonly [Node, Node], topics: readonly string[] = TOPICS.slice(0, 20)): Promise<void> {
  for (const [from, to] of [nodes, nodes.toReversed()] as readonly (readonly [Node, Node])[]) {
    const mark = randomUUID()
    const missing = new Set(topics)
    let at = to.heard.length
    await vi.waitFor(() => {
      for (const topic of missing) from.broker.publish(topic, `${mark} ${topic}`)
      for (; at < to.heard.length; at += 1) {
        const payload = to.heard[at] ?? ''
        if (payload.startsWith(mark)) missing.delete(payload.slice(mark.length + 1))
      }
      expect(missing.size).toBe(0)
    }, PATIENCE)
  }
}

/** Resolves when both nodes have been told of a loss after this, and hear each other on everything. */
async function expectRecovered(nodes: readonly [Node, Node], before = [0, 0]): Promise<void> {
  await vi.waitFor(() => nodes.forEach((node, i) => expect(node.losses).toBeGreaterThan(before[i] ?? 0)), PATIENCE)
  await bothWays(nodes, TOPICS)
  const name = `new ${randomUUID()}`
  const fresh = Array.from({ length: 50 }, (_, i) => `${name} ${i}`)
  await Promise.all(nodes.flatMap(({ broker }) => fresh.map((topic) => broker.subscribe(topic))))
  await bothWays(nodes, fresh)
  for (const { broker, losses } of nodes) expect(broker.stats().lost).toBeGreaterThanOrEqual(losses)
}

const FILLER = 'x'.repeat(1_000)

/** Publishes and subscribes all the while. None of it may throw, and each subscribe has an answer. */
function load(nodes: readonly Node[]): { stop(): Promise<void> } {
  const wishes: Promise<unknown>[] = []
  let count = 0
  const timer = setInterval(() => {
    for (const { broker } of nodes) {
      for (let i = 0; i < 20; i += 1) broker.publish(TOPICS[(count + i) % TOPICS.length] ?? '', FILLER)
      count += 1
      wishes.push(broker.subscribe(`load ${count}`).catch((err: unknown) => err))
      broker.unsubscribe(`load ${count - 20}`)
    }
  }, 20)
  return {
    async stop() {
      clearInterval(timer)
      for (const answer of await Promise.all(wishes)) if (answer !== undefined) expect(answer).toBeInstanceOf(Error)
    },
  }
}

/** Numbers that come once and in order while something happens elsewhere; it must have cost nothing here. */
function unharmed([from, to]: readonly [Node, Node], topic: string): { end(): Promise<void> } {
  const mark = randomUUID()
  const before = to.heard.length
  const sent: string[] = []
  const send = (): void => from.broker.publish(topic, sent[sent.push(`${mark} ${sent.length}`) - 1] ?? '')
  send()
  const timer = setInterval(send, 3)
  return {
    async end() {
      clearInterval(timer)
      const got = (): readonly string[] => to.heard.slice(before).filter((payload) => payload.startsWith(mark))
      await vi.waitFor(() => expect(got().at(-1)).toBe(sent.at(-1)), PATIENCE)
      expect(got()).toEqual(sent)
    },
  }
}

describe.skipIf(!found)('over a real Redis Cluster', () => {
  describeBroker(
    'RedisBroker in a cluster',
    () => open(clusterOf(found)),
    () => stand.faults,
  )

  describeBroker(
    'RedisBroker in a cluster that holds whole buckets',
    () => open(clusterOf(found), FEW),
    () => stand.faults,
  )

  test('from single channels to whole buckets and back nothing is lost or doubled', async () => {
    const cluster = clusterOf(found)
    const channels = async (): Promise<number> => {
      const perServer = cluster.nodes.map((server) => server.ask('pubsub', 'shardchannels', `${stand.prefix}*`))
      return (await Promise.all(perServer)).flat().length
    }
    await expectSeamless((options) => open(cluster, options), channels)
  })

  test('[F-04] the subscribers are disconnected: each node is told, and hears everything again', async () => {
    const cluster = clusterOf(found)
    const nodes = await openNodes(cluster)
    const working = load(nodes)
    for (const server of cluster.nodes) {
      const before = nodes.map(({ losses }) => losses)
      await server.ask('client', 'kill', 'type', 'pubsub')
      await expectRecovered(nodes, before)
    }
    await working.stop()
  })

  test('slots move: the nodes are told, follow them, and lose nothing of what did not move', async () => {
    const cluster = clusterOf(found)
    const nodes = await openNodes(cluster)
    const [first, second] = [cluster.nodes[0], cluster.nodes[1]] as [ClusterNode, ClusterNode]
    const [mover = '', , still = ''] = topicsOf(cluster)
    const slot = slotOfTopic(mover)
    const working = load(nodes)
    for (const [from, to] of [
      [first, second],
      [second, first],
    ] as const) {
      const before = nodes.map(({ losses }) => losses)
      const elsewhere = unharmed(nodes, still)
      await cluster.moveSlot(slot, from, to)
      await expectRecovered(nodes, before)
      await elsewhere.end()
    }
    await working.stop()
  })

  test('a server gives up a slot and takes it again, and nobody else is told: the nodes ask until they have it', async () => {
    const cluster = clusterOf(found)
    const nodes = await openNodes(cluster)
    const [mover = ''] = topicsOf(cluster)
    const slot = String(slotOfTopic(mover))
    await cluster.nodes[0]?.ask('cluster', 'delslots', slot)
    await vi.waitFor(() => nodes.forEach(({ broker }) => expect(broker.stats().lost).toBeGreaterThan(0)), PATIENCE)
    const wish = nodes[0].broker.subscribe(mover)
    await cluster.nodes[0]?.ask('cluster', 'addslots', slot)
    await wish
    await expectRecovered(nodes)
  })

  test('the slot of the own channel moves: the self-test goes on', async () => {
    const cluster = clusterOf(found)
    const nodes = await openNodes(cluster, HASTE)
    const [first, second] = [cluster.nodes[0], cluster.nodes[1]] as [ClusterNode, ClusterNode]
    // The own channel is in the first bucket that a server has.
    const bucket = Array.from({ length: 1024 }, (_, i) => i).find((i) => slotOf(`{${i}}`) < 16_384 / 3) ?? 0
    await cluster.moveSlot(slotOf(`{${bucket}}`), first, second)
    await expectRecovered(nodes)
    await first.kill('SIGSTOP')
    const lost = nodes.map(({ broker }) => broker.stats().lost)
    await vi.waitFor(
      () => nodes.forEach(({ broker }, i) => expect(broker.stats().lost).toBe((lost[i] ?? 0) + 1)),
      PATIENCE,
    )
    await first.kill('SIGCONT')
    await expectRecovered(
      nodes,
      nodes.map(({ losses }) => losses - 1),
    )
    await cluster.moveSlot(slotOf(`{${bucket}}`), second, first)
  })

  test('[F-03] kill -9 of a server without a replica, and restart: the others serve on, and nothing waits', async () => {
    const cluster = clusterOf(found)
    const nodes = await openNodes(cluster, HASTE)
    const working = load(nodes)
    const [here = '', there = ''] = topicsOf(cluster)
    const [victim] = cluster.nodes
    const elsewhere = unharmed(nodes, there)
    await victim?.kill('SIGKILL')
    await vi.waitFor(() => expect(nodes.map(({ broker }) => broker.stats().lost)).toEqual([1, 1]), PATIENCE)
    const wish = nodes[0].broker.subscribe(`${here} more`).catch((err: unknown) => err)
    const { dropped } = nodes[0].broker.stats()
    nodes[0].heard.length = 0
    nodes[0].broker.publish(here, 'to myself')
    await vi.waitFor(() => expect(nodes[0].heard).toContain('to myself'), PATIENCE)
    await vi.waitFor(() => expect(nodes[0].broker.stats().dropped).toBeGreaterThan(dropped), PATIENCE)
    await elsewhere.end()
    await victim?.restart()
    await expectRecovered(nodes)
    await wish
    await working.stop()
    await cluster.settled()
  })

  test('[F-04] a stopped server is noticed by its silence alone, and costs the others nothing', async () => {
    const cluster = clusterOf(found)
    const nodes = await openNodes(cluster, { ...HASTE, commandTimeoutMs: 15_000 })
    const [, there = ''] = topicsOf(cluster)
    const elsewhere = unharmed(nodes, there)
    await cluster.nodes[0]?.kill('SIGSTOP')
    await vi.waitFor(() => expect(nodes.map(({ broker }) => broker.stats().lost)).toEqual([1, 1]), PATIENCE)
    await elsewhere.end()
    await cluster.nodes[0]?.kill('SIGCONT')
    await expectRecovered(nodes)
    await cluster.settled()
  })

  test('a node that begins with no server up joins when they come', async () => {
    const cluster = clusterOf(found)
    for (const server of cluster.nodes) await server.kill('SIGSTOP')
    const broker = open(cluster, { ...HASTE, subscribeDeadlineMs: 25_000 })
    const wish = broker.subscribe('a')
    broker.publish('a', 'x')
    expect(broker.stats().dropped).toBe(1)
    await vi.waitFor(() => expect(stand.faults.length).toBeGreaterThan(0), PATIENCE)
    for (const server of cluster.nodes) await server.kill('SIGCONT')
    await wish
    expect(broker.stats().lost).toBe(0)
  })
})

describe.skipIf(!found)('presence over a real Redis Cluster', () => {
  describePresence('RedisPresence in a cluster', () => openPresence(clusterOf(found)))

  test('nodes see each other; what is on a server that does not answer is absent, and back with it', async () => {
    const cluster = clusterOf(found)
    const [one, other] = [openPresence(cluster), openPresence(cluster)]
    const users = Array.from({ length: 30 }, (_, i) => `user ${i}`)
    const onFirst = users.filter((userId) => slotOf(leaseKey(stand.prefix, userId)) < 16_384 / 3)
    for (const userId of users) one.arrive(session(userId, 1))
    await vi.waitFor(async () => expect((await other.whereabouts(users)).size).toBe(users.length), PATIENCE)
    await cluster.nodes[0]?.kill('SIGSTOP')
    const seen = await other.whereabouts(users)
    expect([...seen.keys()].toSorted()).toEqual(users.filter((userId) => !onFirst.includes(userId)).toSorted())
    await cluster.nodes[0]?.kill('SIGCONT')
    await vi.waitFor(async () => expect((await other.whereabouts(users)).size).toBe(users.length), PATIENCE)
    await cluster.settled()
  })

  test('leases move with their slot, and are renewed where they are', async () => {
    const cluster = clusterOf(found)
    const presence = openPresence(cluster, { renewEveryMs: 300 })
    const [first, second] = [cluster.nodes[0], cluster.nodes[1]] as [ClusterNode, ClusterNode]
    const userId = Array.from({ length: 100 }, (_, i) => `user ${i}`).find(
      (name) => slotOf(leaseKey(stand.prefix, name)) < 16_384 / 3,
    )
    presence.arrive(session(userId ?? '', 1))
    await eventually(presence, [userId ?? ''], { [userId ?? '']: [session(userId ?? '', 1)] })
    const slot = slotOf(leaseKey(stand.prefix, userId ?? ''))
    await cluster.moveSlot(slot, first, second)
    await eventually(presence, [userId ?? ''], { [userId ?? '']: [session(userId ?? '', 1)] })
    await second.ask('del', leaseKey(stand.prefix, userId ?? ''))
    await eventually(presence, [userId ?? ''], { [userId ?? '']: [session(userId ?? '', 1)] })
    await cluster.moveSlot(slot, second, first)
    expect(stand.faults).toEqual([])
  })
})

describe.skipIf(!foundReplicated)('over a Redis Cluster with replicas', () => {
  test('[F-03] kill -9 of a master whose replica takes over: the nodes are told, and go there', async () => {
    const cluster = clusterOf(foundReplicated)
    const nodes = await openNodes(cluster, HASTE)
    const working = load(nodes)
    await cluster.nodes[0]?.kill('SIGKILL')
    await expectRecovered(nodes)
    await cluster.nodes[0]?.restart()
    await cluster.settled()
    await bothWays(nodes, topicsOf(cluster))
    await working.stop()
  })

  test('a fail-over by hand, with nothing dead: the nodes are told, and go there', async () => {
    const cluster = clusterOf(foundReplicated)
    const nodes = await openNodes(cluster)
    const working = load(nodes)
    await cluster.nodes[4]?.ask('cluster', 'failover')
    await expectRecovered(nodes)
    await working.stop()
  })
})
