import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Device } from './kit/device.ts'
import { startRedisCluster, type RedisCluster } from './kit/redis-cluster.ts'
import { until } from './kit/until.ts'
import { startWorld, type World } from './kit/world.ts'

const found = await startRedisCluster()
const PEOPLE = 9
/** Longer than the sweeper takes to find what nobody rang for, on a machine that is busy. */
const REPAIRED_MS = 20_000

let world: World
let people: readonly Device[]
let cluster: RedisCluster

/**
 * Three nodes that a Redis Cluster joins, and people on all of them, in a ring: each writes to the next, who is on another
 * node. Whatever happens to the cluster, every send succeeds, and every text arrives once and in order.
 */
describe.skipIf(!found)('three nodes over a Redis Cluster', () => {
  beforeAll(async () => {
    if (!found) return
    cluster = found
    world = await startWorld({ nodes: 3, env: { REDIS_MODE: 'cluster', REDIS_URL: cluster.urls.join(',') } })
    const logins = Array.from({ length: PEOPLE }, (_, i) => Device.login(world, `person_${i}`, { node: i % 3 }))
    people = await Promise.all(logins)
  })
  afterAll(async () => {
    await Promise.all((people ?? []).map((person) => person.leave()))
    await world?.stop()
    await found?.stop()
  })
  afterEach(async () => {
    for (const server of cluster.nodes) await server.kill('SIGCONT')
    await cluster.settled()
  })

  test('with nothing in the way texts go through Redis', async () => {
    const ring = new Ring(people)
    await ring.round()
    await ring.expectAll()
    expect(repaired()).toBe(0)
  })

  test('[F-04] a stopped server: sends go on, and the sweeper brings what its channels do not', async () => {
    const ring = new Ring(people)
    await cluster.nodes[0]?.kill('SIGSTOP')
    for (let round = 0; round < 5; round += 1) await ring.round()
    await ring.expectAll()
    await cluster.nodes[0]?.kill('SIGCONT')
    await ring.round()
    await ring.expectAll()
  })

  test('[F-03] kill -9 of a server, and restart', async () => {
    const ring = new Ring(people)
    const running = ring.start()
    await cluster.nodes[1]?.kill('SIGKILL')
    await ring.rounds(5)
    await cluster.nodes[1]?.restart()
    await cluster.settled()
    await ring.rounds(5)
    await running.stop()
    await ring.expectAll()
  })

  test('[F-04] all subscribers are disconnected, again and again', async () => {
    const ring = new Ring(people)
    const running = ring.start()
    for (let i = 0; i < 6; i += 1) {
      await cluster.nodes[i % 3]?.ask('client', 'kill', 'type', 'pubsub')
      await ring.rounds(1)
    }
    await running.stop()
    await ring.expectAll()
  })

  test('slots move from server to server', async () => {
    const [first, second] = cluster.nodes
    if (!first || !second) throw new Error('no servers')
    const ring = new Ring(people)
    const running = ring.start()
    for (let slot = 0; slot < 60; slot += 1) await cluster.moveSlot(slot, first, second)
    await ring.rounds(2)
    await running.stop()
    await ring.expectAll()
  })
})

function repaired(): number {
  return world.nodes.reduce((sum, node) => sum + node.context.hub.stats().repaired, 0)
}

let stories = 0

/** People who write to each other in a ring. */
class Ring {
  readonly #people: readonly Device[]
  readonly #story = `story ${(stories += 1)}`
  #rounds = 0

  constructor(everybody: readonly Device[]) {
    this.#people = everybody
  }

  /** Each writes to the next. Rejects when a send fails. */
  async round(): Promise<void> {
    const round = (this.#rounds += 1)
    const sends = this.#people.map((person, i) => person.say(this.#next(i).userID, `${this.#story}, ${i}, ${round}`))
    await Promise.all(sends)
  }

  /** Writes without end until it is stopped; that rejects when any send has failed. */
  start(): { stop(): Promise<void> } {
    let isStopped = false
    const running = (async () => {
      while (!isStopped) await this.round()
    })()
    running.catch(() => {})
    return {
      stop: () => {
        isStopped = true
        return running
      },
    }
  }

  /** Resolves when so many more have been begun. */
  async rounds(count: number): Promise<void> {
    const enough = this.#rounds + count
    await until('further rounds', () => this.#rounds >= enough, REPAIRED_MS)
  }

  /** Everybody has every text of the one before him, once and in order. */
  async expectAll(): Promise<void> {
    for (const [i] of this.#people.entries()) {
      const sent = Array.from({ length: this.#rounds }, (_, round) => `${this.#story}, ${i}, ${round + 1}`)
      const got = (): readonly unknown[] =>
        this.#next(i)
          .receivedTexts()
          .filter((text) => String(text).startsWith(`${this.#story}, ${i}, `))
      await until(`the texts of person ${i}`, () => got().length >= sent.length, REPAIRED_MS)
      expect(got()).toEqual(sent)
    }
  }

  #next(i: number): Device {
    const next = this.#people[(i + 1) % this.#people.length]
    if (!next) throw new Error('nobody')
    return next
  }
}
