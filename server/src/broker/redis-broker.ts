import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import type { Broker, BrokerStats } from './broker.ts'
import { ChannelNames } from './channel-names.ts'
import { LocalDelivery } from './local-delivery.ts'
import { openPacket, payloadsOf } from './packet.ts'
import { SHARDED, SINGLE } from './redis-dialect.ts'
import type { ShardOptions } from './redis-shard.ts'
import { ClusterLayout, SingleLayout, type ShardLayout } from './shard-layout.ts'
import { Subscriptions } from './subscriptions.ts'

/** One server, or a few of the servers of a Redis Cluster. */
export type RedisAddress =
  | { readonly kind: 'single'; readonly url: string }
  | { readonly kind: 'cluster'; readonly urls: readonly [string, ...string[]] }

export interface RedisBrokerOptions {
  readonly address: RedisAddress
  readonly clock: Clock
  readonly random: Random
  /** Hears of the first fault of each outage of each link, and of a receiver that threw. For the log. */
  readonly onFault: (err: unknown) => void
  /** Keeps applications and tests on one Redis apart. */
  readonly prefix?: string
  /** An unanswered command means the link is dead. */
  readonly commandTimeoutMs?: number
  readonly connectTimeoutMs?: number
  /** After this a subscription that is not confirmed is in doubt. */
  readonly subscribeDeadlineMs?: number
  /** How often a text is sent to ourselves through Redis … */
  readonly selfTestEveryMs?: number
  /** … and after how long without hearing anything the subscriber's link is thrown away. */
  readonly silenceLimitMs?: number
  /** Bytes on their way to one server; beyond that payloads are dropped. */
  readonly maxPendingBytes?: number
  /** Topics with a channel of their own; of more, whole buckets are subscribed (ADR 0007). */
  readonly maxTopicChannels?: number
}

const DEFAULTS = {
  prefix: 'hongyan:',
  commandTimeoutMs: 2_000,
  connectTimeoutMs: 2_000,
  subscribeDeadlineMs: 1_000,
  selfTestEveryMs: 5_000,
  silenceLimitMs: 10_000,
  maxPendingBytes: 8 << 20,
  maxTopicChannels: 20_000,
}

/**
 * The broker between processes. One object is one node. Payloads for sessions of the node itself take the short way,
 * in memory, so that a dead Redis costs them nothing; what comes back through Redis is recognised and dropped.
 */
export class RedisBroker implements Broker {
  readonly #options: RedisBrokerOptions & typeof DEFAULTS
  readonly #nodeId: string
  readonly #names: ChannelNames
  readonly #layout: ShardLayout
  readonly #subscriptions: Subscriptions
  readonly #delivery = new LocalDelivery((topic, payload) => this.#deliver(topic, payload))
  #receive: (topic: string, payload: string) => void = () => {}
  #onLost: () => void = () => {}
  #closing: Promise<void> | undefined
  #packets = 0
  #published = 0
  #dropped = 0
  #received = 0
  #lost = 0

  constructor(options: RedisBrokerOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#nodeId = options.random.id()
    this.#names = new ChannelNames(this.#options.prefix)
    this.#layout = this.#openLayout()
    this.#subscriptions = new Subscriptions({
      ...this.#options,
      names: this.#names,
      add: (hold) => this.#layout.add(hold),
      remove: (hold) => this.#layout.remove(hold),
      doubt: (hold) => this.#layout.doubt(hold),
      isInterrupted: (bucket) => this.#layout.shardOf(bucket)?.subscriber.isInterrupted() ?? false,
    })
  }

  publish(topic: string, payload: string): void {
    this.#published += 1
    if (this.#closing) {
      this.#dropped += 1
      return
    }
    if (this.#subscriptions.has(topic)) this.#delivery.push(topic, payload)
    const names = this.#names.of(topic)
    const shard = this.#layout.shardOf(names.bucket)
    if (shard) shard.publisher.publish(names, payload)
    else this.#dropped += 1
  }

  subscribe(topic: string): Promise<void> {
    return this.#subscriptions.subscribe(topic)
  }

  unsubscribe(topic: string): void {
    this.#subscriptions.unsubscribe(topic)
  }

  onPayload(receive: (topic: string, payload: string) => void): void {
    this.#receive = receive
  }

  onLost(receive: () => void): void {
    this.#onLost = receive
  }

  isUp(): boolean {
    return !this.#closing && this.#layout.isUp()
  }

  /** `dropped` counts payloads that did not reach Redis; sessions of this node may have got them all the same. */
  stats(): BrokerStats {
    return { published: this.#published, dropped: this.#dropped, received: this.#received, lost: this.#lost }
  }

  /** Lets go of what was published before; takes at most the command timeout. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#subscriptions.close()
    await Promise.all([...this.#layout.shards()].map((shard) => shard.publisher.settled()))
    this.#layout.close()
  }

  #openLayout(): ShardLayout {
    const { address } = this.#options
    const options: ShardOptions = {
      ...this.#options,
      dialect: address.kind === 'single' ? SINGLE : SHARDED,
      nodeId: this.#nodeId,
      nextNumber: () => (this.#packets += 1),
      onDropped: (payloads) => (this.#dropped += payloads),
      onText: (text) => this.#onText(text),
      onConfirmed: (holds) => this.#subscriptions.onConfirmed(holds),
      onBroken: () => (this.#lost += 1),
      onMended: () => this.#guard(() => this.#onLost()),
      onMisrouted: () => {},
    }
    return address.kind === 'single'
      ? new SingleLayout(address.url, this.#names, options)
      : new ClusterLayout(address.urls, this.#names, options)
  }

  #onText(text: string): void {
    const envelope = openPacket(text)
    // Not ours, or our own: delivered when it was published. Or somebody else's topic in a bucket that we hold whole.
    if (!envelope || envelope.nodeId === this.#nodeId || !this.#subscriptions.has(envelope.topic)) return
    for (const payload of payloadsOf(text, envelope)) this.#deliver(envelope.topic, payload)
  }

  #deliver(topic: string, payload: string): void {
    if (!this.#subscriptions.has(topic)) return
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
}
