import type { Clock } from '../kit/clock.ts'
import { Outage } from '../kit/outage.ts'
import type { RedisLink } from './redis-link.ts'

export interface RedisSubscriberOptions {
  readonly link: RedisLink
  readonly clock: Clock
  /** Always subscribed, so that the link can be tested when no topic is. */
  readonly ownChannel: string
  readonly subscribeDeadlineMs: number
  /** Hears every message of every channel that is subscribed now. Must not throw. */
  readonly onMessage: (channel: string, text: string) => void
  /** Called when the link is back after a loss and every subscription is confirmed again. Must not throw. */
  readonly onLost: () => void
}

/** A wish for one channel. Made anew by each subscribe after an unsubscribe, so that an old answer cannot confirm it. */
interface Wish {
  readonly channel: string
  isAsked: boolean
  isConfirmed: boolean
  /** Has been confirmed once, maybe over an earlier link: then a missed deadline does not end the wish. */
  isStanding: boolean
  readonly waiters: Set<Waiter>
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (err: Error) => void
  readonly disarm: () => void
}

const MAX_CHANNELS_PER_COMMAND = 1_000

/** Keeps a set of channels subscribed over a link that comes and goes. */
export class RedisSubscriber {
  readonly #options: RedisSubscriberOptions
  readonly #wishes = new Map<string, Wish>()
  /** Channels whose wish came or went since the last flush. */
  readonly #changed = new Set<string>()
  /** Channels for which the last command sent over this link was SUBSCRIBE. */
  readonly #subscribed = new Set<string>()
  #flushScheduled = false
  #linkNumber = 0
  #isLive = false
  #isLossUntold = false
  #isClosed = false
  #lost = 0
  #heardAtMs = 0

  constructor(options: RedisSubscriberOptions) {
    this.#options = options
    const { redis } = options.link
    redis.on('ready', () => this.#onReady())
    redis.on('close', () => this.#onDown())
    redis.on('message', (channel: string, text: string) => this.#onMessage(channel, text))
  }

  /** How often a link that served was lost. */
  get lost(): number {
    return this.#lost
  }

  /** Since when a link that ought to serve has been silent, in ms; undefined while there is none to judge. */
  silentMs(): number | undefined {
    return this.#isLive ? this.#options.clock.monotonicMs() - this.#heardAtMs : undefined
  }

  has(channel: string): boolean {
    return this.#wishes.has(channel)
  }

  subscribe(channel: string): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Outage('the broker is closed'))
    const wish = this.#wishes.get(channel) ?? this.#wish(channel)
    if (wish.isConfirmed) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const disarm = this.#options.clock.after(this.#options.subscribeDeadlineMs, () => this.#expire(wish, waiter))
      const waiter: Waiter = { resolve, reject, disarm }
      wish.waiters.add(waiter)
    })
  }

  unsubscribe(channel: string): void {
    const wish = this.#wishes.get(channel)
    if (!wish) return
    this.#wishes.delete(channel)
    this.#change(channel)
    rejectAll(wish, 'unsubscribed before the subscription was confirmed')
  }

  close(): void {
    this.#isClosed = true
    this.#isLive = false
    for (const wish of this.#wishes.values()) rejectAll(wish, 'the broker was closed')
    this.#wishes.clear()
    this.#changed.clear()
  }

  #wish(channel: string): Wish {
    const wish = { channel, isAsked: false, isConfirmed: false, isStanding: false, waiters: new Set<Waiter>() }
    this.#wishes.set(channel, wish)
    this.#change(channel)
    return wish
  }

  #expire(wish: Wish, waiter: Waiter): void {
    wish.waiters.delete(waiter)
    waiter.reject(new Outage('the subscription was not confirmed in time'))
    if (wish.waiters.size === 0 && !wish.isStanding && this.#wishes.get(wish.channel) === wish) {
      this.unsubscribe(wish.channel)
    }
  }

  #change(channel: string): void {
    this.#changed.add(channel)
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    // One command for all that was asked in this tick, such as the topics of everybody who is logging in.
    setImmediate(() => {
      this.#flushScheduled = false
      if (this.#options.link.isUp() && !this.#isClosed) this.#flush()
    })
  }

  #flush(): void {
    const leaving = [...this.#changed].filter((channel) => !this.#wishes.has(channel) && this.#subscribed.has(channel))
    const asking = [...this.#changed]
      .flatMap((channel) => this.#wishes.get(channel) ?? [])
      .filter((wish) => !wish.isAsked)
    this.#changed.clear()
    for (const channels of slicesOf(leaving)) this.#sendUnsubscribe(channels)
    for (const wishes of slicesOf(asking)) this.#sendSubscribe(wishes)
  }

  #sendUnsubscribe(channels: readonly string[]): void {
    const linkNumber = this.#linkNumber
    for (const channel of channels) this.#subscribed.delete(channel)
    this.#options.link.redis.unsubscribe(...channels).catch((err: unknown) => this.#onCommandFailed(linkNumber, err))
  }

  #sendSubscribe(wishes: readonly Wish[]): void {
    const linkNumber = this.#linkNumber
    for (const wish of wishes) {
      wish.isAsked = true
      this.#subscribed.add(wish.channel)
    }
    this.#options.link.redis.subscribe(...wishes.map((wish) => wish.channel)).then(
      () => this.#onSubscribed(linkNumber, wishes),
      (err: unknown) => this.#onCommandFailed(linkNumber, err),
    )
  }

  #onSubscribed(linkNumber: number, wishes: readonly Wish[]): void {
    if (linkNumber !== this.#linkNumber) return
    for (const wish of wishes) {
      wish.isConfirmed = true
      wish.isStanding = true
      for (const waiter of wish.waiters) {
        waiter.disarm()
        waiter.resolve()
      }
      wish.waiters.clear()
    }
  }

  /** A link on which a subscription failed is in a state nobody knows: a new one starts from nothing. */
  #onCommandFailed(linkNumber: number, err: unknown): void {
    if (linkNumber === this.#linkNumber && this.#options.link.isUp()) this.#options.link.cut(err)
  }

  #onReady(): void {
    if (this.#isClosed) return
    this.#forgetLink()
    const linkNumber = this.#linkNumber
    this.#changed.clear()
    for (const wishes of slicesOf([...this.#wishes.values()])) this.#sendSubscribe(wishes)
    // Asked last and answered last: when it is confirmed, everything before it is.
    this.#options.link.redis.subscribe(this.#options.ownChannel).then(
      () => this.#onServing(linkNumber),
      (err: unknown) => this.#onCommandFailed(linkNumber, err),
    )
  }

  #onServing(linkNumber: number): void {
    if (linkNumber !== this.#linkNumber || this.#isClosed) return
    this.#isLive = true
    this.#heardAtMs = this.#options.clock.monotonicMs()
    if (!this.#isLossUntold) return
    this.#isLossUntold = false
    this.#options.onLost()
  }

  #onDown(): void {
    if (this.#isLive) {
      this.#lost += 1
      this.#isLossUntold = true
    }
    this.#forgetLink()
  }

  #forgetLink(): void {
    this.#linkNumber += 1
    this.#isLive = false
    this.#subscribed.clear()
    for (const wish of this.#wishes.values()) {
      wish.isAsked = false
      wish.isConfirmed = false
    }
  }

  #onMessage(channel: string, text: string): void {
    this.#heardAtMs = this.#options.clock.monotonicMs()
    if (channel === this.#options.ownChannel || this.#wishes.has(channel)) this.#options.onMessage(channel, text)
  }
}

function rejectAll(wish: Wish, reason: string): void {
  for (const waiter of wish.waiters) {
    waiter.disarm()
    waiter.reject(new Outage(reason))
  }
  wish.waiters.clear()
}

function* slicesOf<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += MAX_CHANNELS_PER_COMMAND) yield list.slice(at, at + MAX_CHANNELS_PER_COMMAND)
}
