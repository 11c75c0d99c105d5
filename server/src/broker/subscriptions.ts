import type { Clock } from '../kit/clock.ts'
import { Outage } from '../kit/outage.ts'
import type { ChannelNames } from './channel-names.ts'
import { newHold, type Hold } from './hold.ts'

export interface SubscriptionsOptions {
  readonly names: ChannelNames
  readonly clock: Clock
  /** Nobody waits longer for a confirmation: whoever follows has other means, and Redis may be dead for hours. */
  readonly subscribeDeadlineMs: number
  /** Beyond this many channels of single topics whole buckets are subscribed instead. */
  readonly maxTopicChannels: number
  readonly add: (hold: Hold) => void
  readonly remove: (hold: Hold) => void
  /** Counts what comes through this channel as lost until it is confirmed. */
  readonly doubt: (hold: Hold) => void
  /** Nothing comes from the server of this bucket at present, and that is going to be told as a loss. */
  readonly isInterrupted: (bucket: number) => boolean
}

/** A wish for one topic. Made anew by each subscribe after an unsubscribe. */
interface Wish {
  readonly topic: string
  readonly bucket: Bucket
  /** The topic's own channel, unless its bucket is held whole. */
  hold: Hold | undefined
  readonly waiters: Set<Waiter>
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (err: Error) => void
  readonly disarm: () => void
}

interface Bucket {
  readonly number: number
  readonly wishes: Map<string, Wish>
  /** The channel of the whole bucket; its topics' own are let go of when it is confirmed. */
  hold: Hold | undefined
  /** On the way back to a channel for each topic; the bucket's is let go of when all are confirmed. */
  isParting: boolean
}

/** A whole bucket goes back to single channels when there is room for it and as much again. */
const ROOM_TO_PART = 0.5

/** Which topics are wanted, and by which channels they are had: their own or, of very many, those of whole buckets. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #wishes = new Map<string, Wish>()
  readonly #buckets = new Map<number, Bucket>()
  /** Topics whose bucket is not, and shall not be, held whole: as many channels. */
  #single = 0
  #isAnyWhole = false
  #isClosed = false

  constructor(options: SubscriptionsOptions) {
    this.#options = options
  }

  has(topic: string): boolean {
    return this.#wishes.has(topic)
  }

  subscribe(topic: string): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Outage('the broker is closed'))
    const wish = this.#wishes.get(topic) ?? this.#wish(topic)
    if (isConfirmed(wish)) return Promise.resolve()
    if (this.#options.isInterrupted(wish.bucket.number)) {
      this.#doubt(wish)
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const disarm = this.#options.clock.after(this.#options.subscribeDeadlineMs, () => this.#expire(wish, waiter))
      const waiter: Waiter = { resolve, reject, disarm }
      wish.waiters.add(waiter)
    })
  }

  unsubscribe(topic: string): void {
    const wish = this.#wishes.get(topic)
    if (!wish) return
    const { bucket } = wish
    this.#wishes.delete(topic)
    bucket.wishes.delete(topic)
    if (isSingle(bucket)) this.#single -= 1
    if (wish.hold) this.#options.remove(wish.hold)
    rejectAll(wish, 'unsubscribed before the subscription was confirmed')
    if (bucket.wishes.size === 0) this.#dropBucket(bucket)
    else this.#finishParting(bucket)
    this.#partOneIfRoom()
  }

  /** Takes note of channels that have been confirmed. */
  onConfirmed(holds: readonly Hold[]): void {
    for (const hold of holds) {
      const bucket = this.#buckets.get(hold.bucket)
      if (hold.topic === undefined) {
        if (bucket?.hold === hold) this.#onWholeConfirmed(bucket)
        continue
      }
      const wish = this.#wishes.get(hold.topic)
      if (wish?.hold !== hold) continue
      settle(wish)
      if (bucket?.isParting) this.#finishParting(bucket)
    }
  }

  close(): void {
    this.#isClosed = true
    for (const wish of this.#wishes.values()) rejectAll(wish, 'the broker was closed')
    this.#wishes.clear()
    this.#buckets.clear()
  }

  #wish(topic: string): Wish {
    const { bucket: number, channel } = this.#options.names.of(topic)
    const bucket = this.#bucket(number)
    const wish: Wish = { topic, bucket, hold: undefined, waiters: new Set() }
    this.#wishes.set(topic, wish)
    bucket.wishes.set(topic, wish)
    if (isSingle(bucket)) {
      this.#holdSingle(wish, channel)
      this.#single += 1
      if (this.#single > this.#options.maxTopicChannels) this.#joinFullest()
    }
    return wish
  }

  #bucket(number: number): Bucket {
    const known = this.#buckets.get(number)
    if (known) return known
    const bucket: Bucket = { number, wishes: new Map(), hold: undefined, isParting: false }
    this.#buckets.set(number, bucket)
    return bucket
  }

  #dropBucket(bucket: Bucket): void {
    this.#buckets.delete(bucket.number)
    if (bucket.hold) this.#options.remove(bucket.hold)
  }

  #holdSingle(wish: Wish, channel: string): void {
    wish.hold = newHold(channel, wish.bucket.number, wish.topic)
    this.#options.add(wish.hold)
  }

  #expire(wish: Wish, waiter: Waiter): void {
    wish.waiters.delete(waiter)
    this.#doubt(wish)
    waiter.resolve()
  }

  #doubt({ hold, bucket }: Wish): void {
    for (const either of [hold, bucket.hold]) if (either && !either.isConfirmed) this.#options.doubt(either)
  }

  #joinFullest(): void {
    let fullest: Bucket | undefined
    for (const bucket of this.#buckets.values()) {
      if (isSingle(bucket) && bucket.wishes.size > (fullest?.wishes.size ?? 0)) fullest = bucket
    }
    if (!fullest) return
    this.#isAnyWhole = true
    this.#single -= fullest.wishes.size
    fullest.isParting = false
    if (fullest.hold) return this.#onWholeConfirmedIfSo(fullest)
    fullest.hold = newHold(this.#options.names.ofBucket(fullest.number), fullest.number)
    this.#options.add(fullest.hold)
  }

  #onWholeConfirmedIfSo(bucket: Bucket): void {
    if (bucket.hold?.isConfirmed) this.#onWholeConfirmed(bucket)
  }

  #onWholeConfirmed(bucket: Bucket): void {
    for (const wish of bucket.wishes.values()) {
      settle(wish)
      if (bucket.isParting || !wish.hold) continue
      this.#options.remove(wish.hold)
      wish.hold = undefined
    }
  }

  #partOneIfRoom(): void {
    const room = this.#options.maxTopicChannels * ROOM_TO_PART - this.#single
    if (room <= 0 || !this.#isAnyWhole) return
    this.#isAnyWhole = false
    for (const bucket of this.#buckets.values()) {
      if (isSingle(bucket)) continue
      this.#isAnyWhole = true
      if (bucket.wishes.size > room) continue
      bucket.isParting = true
      this.#single += bucket.wishes.size
      for (const wish of bucket.wishes.values()) {
        if (!wish.hold) this.#holdSingle(wish, this.#options.names.of(wish.topic).channel)
      }
      return this.#finishParting(bucket)
    }
  }

  #finishParting(bucket: Bucket): void {
    if (!bucket.isParting || !bucket.hold) return
    for (const { hold } of bucket.wishes.values()) if (!hold?.isConfirmed) return
    this.#options.remove(bucket.hold)
    bucket.hold = undefined
    bucket.isParting = false
  }
}

function isSingle(bucket: Bucket): boolean {
  return bucket.hold === undefined || bucket.isParting
}

function isConfirmed({ hold, bucket }: Wish): boolean {
  return hold?.isConfirmed === true || bucket.hold?.isConfirmed === true
}

function settle(wish: Wish): void {
  for (const waiter of wish.waiters) {
    waiter.disarm()
    waiter.resolve()
  }
  wish.waiters.clear()
}

function rejectAll(wish: Wish, reason: string): void {
  for (const waiter of wish.waiters) {
    waiter.disarm()
    waiter.reject(new Outage(reason))
  }
  wish.waiters.clear()
}
