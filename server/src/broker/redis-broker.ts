import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import type { Broker, BrokerStats } from './broker.ts'
import { LocalDelivery } from './local-delivery.ts'
import { parsePacket } from './packet.ts'
import { RedisLink } from './redis-link.ts'
import { RedisPublisher } from './redis-publisher.ts'
import { RedisSubscriber } from './redis-subscriber.ts'

export interface RedisBrokerOptions {
  readonly url: string
  readonly clock: Clock
  readonly random: Random
  /** Hears of the first fault of each outage of each link, and of a receiver that threw. For the log. */
  readonly onFault: (err: unknown) => void
  /** Keeps applications and tests on one Redis apart. */
  readonly prefix?: string
  /** An unanswered command means the link is dead. */
  readonly commandTimeoutMs?: number
  readonly connectTimeoutMs?: number
  readonly subscribeDeadlineMs?: number
  /** How often a payload is sent to ourselves through Redis … */
  readonly selfTestEveryMs?: number
  /** … and after how long without hearing anything the subscriber's link is thrown away. */
  readonly silenceLimitMs?: number
  /** Bytes on their way to Redis; beyond that payloads are dropped. */
  readonly maxPendingBytes?: number
}

const DEFAULTS = {
  prefix: 'hongyan:',
  commandTimeoutMs: 2_000,
  connectTimeoutMs: 2_000,
  subscribeDeadlineMs: 5_000,
  selfTestEveryMs: 5_000,
  silenceLimitMs: 10_000,
  maxPendingBytes: 8 << 20,
}

/**
 * The broker between processes. One object is one node. Payloads for sessions of the node itself take the short way,
 * in memory, so that a dead Redis costs them nothing; what comes back through Redis is recognised and dropped.
 */
export class RedisBroker implements Broker {
  readonly #options: RedisBrokerOptions & typeof DEFAULTS
  readonly #nodeId: string
  readonly #topicPrefix: string
  readonly #ownChannel: string
  readonly #links: readonly [publisher: RedisLink, subscriber: RedisLink]
  readonly #publisher: RedisPublisher
  readonly #subscriber: RedisSubscriber
  readonly #delivery = new LocalDelivery((topic, payload) => this.#deliver(topic, payload))
  #receive: (topic: string, payload: string) => void = () => {}
  #onLost: () => void = () => {}
  #stopSelfTest: () => void = () => {}
  #closing: Promise<void> | undefined
  #published = 0
  #droppedHere = 0
  #received = 0

  constructor(options: RedisBrokerOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#nodeId = options.random.id()
    this.#topicPrefix = `${this.#options.prefix}topic:`
    this.#ownChannel = `${this.#options.prefix}node:${this.#nodeId}`
    const [toPublish, toSubscribe] = [this.#openLink('publisher'), this.#openLink('subscriber')]
    this.#links = [toPublish, toSubscribe]
    const { clock, maxPendingBytes, subscribeDeadlineMs } = this.#options
    this.#publisher = new RedisPublisher({ link: toPublish, nodeId: this.#nodeId, maxPendingBytes })
    this.#subscriber = new RedisSubscriber({
      link: toSubscribe,
      clock,
      ownChannel: this.#ownChannel,
      subscribeDeadlineMs,
      onMessage: (channel, text) => this.#onMessage(channel, text),
      onLost: () => this.#guard(() => this.#onLost()),
    })
    this.#armSelfTest()
  }

  publish(topic: string, payload: string): void {
    this.#published += 1
    if (this.#closing) {
      this.#droppedHere += 1
      return
    }
    const channel = this.#topicPrefix + topic
    if (this.#subscriber.has(channel)) this.#delivery.push(topic, payload)
    this.#publisher.publish(channel, payload)
  }

  subscribe(topic: string): Promise<void> {
    return this.#subscriber.subscribe(this.#topicPrefix + topic)
  }

  unsubscribe(topic: string): void {
    this.#subscriber.unsubscribe(this.#topicPrefix + topic)
  }

  onPayload(receive: (topic: string, payload: string) => void): void {
    this.#receive = receive
  }

  onLost(receive: () => void): void {
    this.#onLost = receive
  }

  /** `dropped` counts payloads that did not reach Redis; sessions of this node may have got them all the same. */
  stats(): BrokerStats {
    return {
      published: this.#published,
      dropped: this.#droppedHere + this.#publisher.dropped,
      received: this.#received,
      lost: this.#subscriber.lost,
    }
  }

  /** Lets go of what was published before; takes at most the command timeout. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stopSelfTest()
    this.#subscriber.close()
    await this.#publisher.settled()
    for (const link of this.#links) link.end()
  }

  #openLink(role: string): RedisLink {
    const { url, clock, random, onFault, commandTimeoutMs, connectTimeoutMs } = this.#options
    return new RedisLink({ url, name: `hongyan-${role}`, commandTimeoutMs, connectTimeoutMs, clock, random, onFault })
  }

  #onMessage(channel: string, text: string): void {
    if (channel === this.#ownChannel) return
    const packet = parsePacket(text)
    // Not ours, or our own: delivered when it was published.
    if (!packet || packet.nodeId === this.#nodeId) return
    const topic = channel.slice(this.#topicPrefix.length)
    for (const payload of packet.payloads) this.#deliver(topic, payload)
  }

  #deliver(topic: string, payload: string): void {
    if (!this.#subscriber.has(this.#topicPrefix + topic)) return
    this.#received += 1
    this.#guard(() => this.#receive(topic, payload))
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (err) {
      this.#options.onFault(err)
    }
  }

  /** A link can be dead without a word: then only a payload of our own that does not come back tells. */
  #armSelfTest(): void {
    this.#stopSelfTest = this.#options.clock.after(this.#options.selfTestEveryMs, () => {
      // After the poll phase: a node that was busy itself must not blame the link for what it had no time to read.
      if (this.#isSilent()) setImmediate(() => this.#cutIfSilent())
      this.#publisher.probe(this.#ownChannel)
      this.#armSelfTest()
    })
  }

  #isSilent(): boolean {
    return (this.#subscriber.silentMs() ?? 0) > this.#options.silenceLimitMs
  }

  #cutIfSilent(): void {
    if (this.#isSilent()) this.#links[1].cut(new Error('nothing heard from Redis, not even our own payload'))
  }
}
