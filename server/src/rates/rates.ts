import { Refused, type ErrorName } from '@hongyan/protocol'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { Loop } from '../kit/loop.ts'
import { Bucket } from './bucket.ts'
import type { Limit, LimitName, Limits } from './limits.ts'
import type { SharedUse } from './shared-use.ts'

/** Something that counts: under which limit, whose it is, and how many it counts for, 1 if not said. */
export interface Claim {
  readonly limit: LimitName
  readonly key: string
  readonly tokens?: number
}

export interface RatesDeps {
  readonly limits: Limits
  readonly shared: SharedUse
  readonly clock: Clock
  readonly logger: Logger
}

/** How often nodes tell each other: within about this time a limit holds over all of them. */
export const EXCHANGE_EVERY_MS = 1_000
/** Busy keys told at once; further ones have their turn in the next exchange. */
const MAX_KEYS_PER_EXCHANGE = 2_000
const FORGET_EVERY_TURNS = 5
/** Keys of one limit. Beyond it the one that began first is forgotten: whose it was may begin anew, and nobody is refused for it. */
const MAX_KEYS_PER_LIMIT = 50_000

interface Busy {
  readonly limit: LimitName
  readonly key: string
  readonly bucket: Bucket
}

interface Found extends Busy {
  readonly tokens: number
}

/**
 * Who may do how much. Decides at once, from what this node knows: no request ever waits for another node or for Redis.
 *
 * A node alone, or without Redis, grants at most `perSecond × T + burst` of a key in any time T. Of N nodes that tell each
 * other every E seconds, what they grant together in a long time grows by at most `perSecond × (1 + (N − 1) / 8)` a second,
 * and in any time T they grant at most `2 N × (burst + 2 E × perSecond)` more than that; with Redis down, N times what one
 * node grants. Somebody whose use on all nodes together stays within a quarter of a limit is never refused for it, however
 * exchanges are lost.
 */
export class Rates {
  readonly #deps: RatesDeps
  readonly #buckets = new Map<LimitName, Map<string, Bucket>>()
  readonly #busy = new Map<Bucket, Busy>()
  readonly #loop: Loop
  #turn = 0
  #lost = 0

  constructor(deps: RatesDeps) {
    this.#deps = deps
    this.#loop = new Loop({
      name: 'rates',
      everyMs: EXCHANGE_EVERY_MS,
      clock: deps.clock,
      log: deps.logger,
      turn: async () => {
        await this.exchange()
        if (this.#turn % FORGET_EVERY_TURNS === 0) this.#forget()
      },
    })
  }

  start(): void {
    this.#loop.start()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  /** Takes all of them, or none, and then refuses by the name of the limit, saying how long to wait. */
  take(...claims: readonly Claim[]): void {
    const nowMs = this.#deps.clock.monotonicMs()
    const found = claims.map((claim) => this.#find(claim, nowMs))
    let longest: { readonly waitMs: number; readonly refusal: ErrorName } = { waitMs: 0, refusal: 'TOO_MANY_REQUESTS' }
    for (const { limit, bucket, tokens } of found) {
      const waitMs = bucket.waitMs(tokens)
      if (waitMs > longest.waitMs) longest = { waitMs, refusal: this.#limit(limit).refusal }
    }
    if (longest.waitMs > 0) throw new Refused(longest.refusal, undefined, { retryAfterMs: longest.waitMs })
    for (const one of found) {
      one.bucket.take(one.tokens)
      this.#note(one)
    }
  }

  /** Takes back what was taken for something that was not done. */
  giveBack(...claims: readonly Claim[]): void {
    const nowMs = this.#deps.clock.monotonicMs()
    for (const claim of claims) {
      const { bucket, tokens } = this.#find(claim, nowMs)
      bucket.giveBack(tokens)
    }
  }

  /** Tells the other nodes what was used here of busy keys, and hears of theirs. Never rejects. */
  async exchange(): Promise<void> {
    this.#turn++
    const busy = [...this.#busy.values()].slice(0, MAX_KEYS_PER_EXCHANGE)
    if (busy.length === 0) return
    const uses = busy.map(({ limit, key, bucket }) => {
      const { perSecond, burst } = this.#limit(limit)
      const used = bucket.untold
      bucket.untold = 0
      bucket.turn = this.#turn
      this.#busy.delete(bucket)
      return { key: `${limit}:${key}`, perSecond, burst, used }
    })
    const levels = await this.#deps.shared.exchange(uses)
    // Nobody knows whether it was added. Told again it might count twice, and refuse somebody who did little.
    if (!levels) return void this.#lost++
    const nowMs = this.#deps.clock.monotonicMs()
    for (const [index, { bucket }] of busy.entries()) {
      bucket.settle(nowMs)
      bucket.hear(levels[index] ?? 0)
    }
  }

  /** Keys that are held, and exchanges that had no answer. */
  stats(): { readonly keys: number; readonly lost: number } {
    return { keys: [...this.#buckets.values()].reduce((sum, { size }) => sum + size, 0), lost: this.#lost }
  }

  #limit(name: LimitName): Limit {
    return this.#deps.limits[name]
  }

  #find({ limit, key, tokens = 1 }: Claim, nowMs: number): Found {
    const bucket = this.#held(limit, key, nowMs)
    bucket.settle(nowMs)
    // What was used while the key was not busy is nobody's concern.
    if (bucket.turn !== this.#turn && !this.#busy.has(bucket)) bucket.untold = 0
    bucket.turn = this.#turn
    // Also when nothing will be taken: who is refused wants to hear how full it is.
    const found = { limit, key, bucket, tokens }
    this.#note(found)
    return found
  }

  #held(limit: LimitName, key: string, nowMs: number): Bucket {
    const buckets = this.#buckets.get(limit) ?? new Map<string, Bucket>()
    this.#buckets.set(limit, buckets)
    const held = buckets.get(key)
    if (held) return held
    const bucket = new Bucket(this.#limit(limit), nowMs)
    buckets.set(key, bucket)
    if (buckets.size > MAX_KEYS_PER_LIMIT) forgetFirst(buckets)
    return bucket
  }

  #note({ limit, key, bucket }: Found): void {
    if (bucket.isBusy && !this.#busy.has(bucket)) this.#busy.set(bucket, { limit, key, bucket })
  }

  #forget(): void {
    const nowMs = this.#deps.clock.monotonicMs()
    for (const buckets of this.#buckets.values()) {
      for (const [key, bucket] of buckets) {
        bucket.settle(nowMs)
        if (bucket.isForgettable) buckets.delete(key)
      }
    }
  }
}

function forgetFirst(buckets: Map<string, Bucket>): void {
  const first = buckets.keys().next()
  if (first.done !== true) buckets.delete(first.value)
}
