import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import type { Hold } from './hold.ts'
import type { PubSubDialect } from './redis-dialect.ts'
import { RedisLink } from './redis-link.ts'
import { RedisPublisher } from './redis-publisher.ts'
import { RedisSubscriber } from './redis-subscriber.ts'

/** What all servers of one broker have in common. */
export interface ShardOptions {
  readonly dialect: PubSubDialect
  readonly clock: Clock
  readonly random: Random
  readonly nodeId: string
  readonly nextNumber: () => number
  readonly commandTimeoutMs: number
  readonly connectTimeoutMs: number
  /** How often a text is sent to ourselves through the server … */
  readonly selfTestEveryMs: number
  /** … and after how long without hearing anything the subscriber's link is thrown away. */
  readonly silenceLimitMs: number
  readonly maxPendingBytes: number
  readonly onFault: (err: unknown) => void
  readonly onDropped: (payloads: number) => void
  /** A text that did not come through the bucket's channel after it had come through the topic's. Must not throw. */
  readonly onText: (text: string) => void
  readonly onConfirmed: (holds: readonly Hold[]) => void
  readonly onBroken: () => void
  readonly onMended: () => void
  /** The server is gone or does not serve what it was asked for. */
  readonly onMisrouted: () => void
}

/** One Redis server: a link to publish, a link to subscribe, and a test that the way through it is open. */
export class RedisShard {
  readonly publisher: RedisPublisher
  readonly subscriber: RedisSubscriber
  readonly #options: ShardOptions
  readonly #links: readonly [publisher: RedisLink, subscriber: RedisLink]
  #ownChannel: string
  #stopSelfTest: () => void = () => {}
  /** The text of the last message, if it came through a topic's channel. */
  #lastTopicText: string | undefined

  constructor(url: string, ownChannel: string, options: ShardOptions) {
    this.#options = options
    this.#ownChannel = ownChannel
    const [toPublish, toSubscribe] = [this.#openLink(url, 'publisher'), this.#openLink(url, 'subscriber')]
    this.#links = [toPublish, toSubscribe]
    this.publisher = new RedisPublisher({ link: toPublish, ...options })
    this.subscriber = new RedisSubscriber({
      ...options,
      link: toSubscribe,
      ownChannel: () => this.#ownChannel,
      onMessage: (hold, text) => this.#onMessage(hold, text),
    })
    this.#armSelfTest()
  }

  get ownChannel(): string {
    return this.#ownChannel
  }

  /** The slot of the former one is served elsewhere: begin anew with this one. */
  useOwnChannel(channel: string): void {
    this.#ownChannel = channel
    this.#links[1].cut(new Error('the slot of the own channel has moved'))
  }

  isUp(): boolean {
    return this.#links.every((link) => link.isUp())
  }

  /** Ends both links at once. What was not yet answered counts as dropped. */
  close(): void {
    this.#stopSelfTest()
    this.subscriber.close()
    for (const link of this.#links) link.end()
  }

  #openLink(url: string, role: string): RedisLink {
    const { dialect, onMisrouted, ...options } = this.#options
    // One server alone has no business sending us elsewhere: there it is a fault, and told.
    return new RedisLink({ url, name: `hongyan-${role}`, ...options, ...(dialect.hasSlots ? { onMisrouted } : {}) })
  }

  /**
   * A publisher sends each text to the topic's channel and, in the same breath, to the bucket's. Who holds both, while he
   * changes from one to the other, gets one copy right after the other, and takes the first: so nothing is lost or doubled.
   */
  #onMessage(hold: Hold, text: string): void {
    const isSecondCopy = hold.topic === undefined && text === this.#lastTopicText
    this.#lastTopicText = hold.topic === undefined ? undefined : text
    if (!isSecondCopy) this.#options.onText(text)
  }

  /** A link can be dead without a word: then only a text of our own that does not come back tells. */
  #armSelfTest(): void {
    this.#stopSelfTest = this.#options.clock.after(this.#options.selfTestEveryMs, () => {
      // After the poll phase: a node that was busy itself must not blame the link for what it had no time to read.
      if (this.#isSilent()) setImmediate(() => this.#cutIfSilent())
      this.publisher.probe(this.#ownChannel)
      this.#armSelfTest()
    })
  }

  #isSilent(): boolean {
    return (this.subscriber.silentMs() ?? 0) > this.#options.silenceLimitMs
  }

  #cutIfSilent(): void {
    if (this.#isSilent()) this.#links[1].cut(new Error('nothing heard from Redis, not even our own text'))
  }
}
