import type { Clock } from './clock.ts'

interface Bucket {
  tokens: number
  atMs: number
}

/** A token bucket per key: `perSecond` on average, `burst` at once, twice as many if absent. Full buckets are forgotten, so it holds only who is busy. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>()
  readonly #perSecond: number
  readonly #burst: number
  readonly #clock: Clock

  constructor(perSecond: number, clock: Clock, burst = perSecond * 2) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#clock = clock
  }

  /** Takes so many tokens; takes none, and says false, when there are fewer. Never more than a burst. */
  take(key: string, tokens = 1): boolean {
    const now = this.#clock.monotonicMs()
    const bucket = this.#buckets.get(key) ?? { tokens: this.#burst, atMs: now }
    bucket.tokens = Math.min(this.#burst, bucket.tokens + ((now - bucket.atMs) / 1000) * this.#perSecond)
    bucket.atMs = now
    this.#buckets.set(key, bucket)
    if (bucket.tokens < tokens) return false
    bucket.tokens -= tokens
    return true
  }

  /** Forgets the buckets that are full again by now. */
  forgetFull(): void {
    const now = this.#clock.monotonicMs()
    for (const [key, bucket] of this.#buckets) {
      if (bucket.tokens + ((now - bucket.atMs) / 1000) * this.#perSecond >= this.#burst) this.#buckets.delete(key)
    }
  }

  get size(): number {
    return this.#buckets.size
  }
}
