import type { Limit } from './limits.ts'

/**
 * A key counts as busy, and is told to the other nodes, while what is used here is more than this share of its limit. What
 * others do not hear of is therefore never more than this share of the limit for each of them.
 */
export const BUSY_SHARE = 1 / 8
/** Less than a token is nothing: sums of fractions are not exact. */
const NOTHING = 1e-6

/** How full one key of one limit is: what was used and has not leaked away yet. Empty it grants a burst. */
export class Bucket {
  /** On all nodes, as far as it is known here. */
  level = 0
  /** What of this node's use no other node has heard of. */
  untold = 0
  /** The exchange before which `untold` was used. */
  turn = 0
  readonly #limit: Limit
  /** Like the level, of this node's use alone, and leaking as slowly as is still not busy. */
  #heat = 0
  #atMs: number

  constructor(limit: Limit, nowMs: number) {
    this.#limit = limit
    this.#atMs = nowMs
  }

  /** Lets leak away what has until now. */
  settle(nowMs: number): void {
    const leaked = (Math.max(0, nowMs - this.#atMs) / 1000) * this.#limit.perSecond
    this.#atMs = nowMs
    this.level = Math.max(0, this.level - leaked)
    this.#heat = Math.max(0, this.#heat - leaked * BUSY_SHARE)
  }

  /** Until so many tokens can be taken, in ms; 0 when they can be now. More than a burst at once is taken for a burst. */
  waitMs(tokens: number): number {
    const { perSecond, burst } = this.#limit
    const missing = this.level + Math.min(tokens, burst) - burst
    return missing <= NOTHING ? 0 : Math.ceil((missing / perSecond) * 1000)
  }

  take(tokens: number): void {
    this.level += tokens
    this.#heat += tokens
    this.untold += tokens
  }

  /** Takes back what was taken and not used. */
  giveBack(tokens: number): void {
    this.level = Math.max(0, this.level - tokens)
    this.#heat = Math.max(0, this.#heat - tokens)
    // Below 0 when it was told already: the next exchange says so.
    this.untold -= tokens
  }

  /** All nodes' use, when they last told each other, and what was used here since. Never less than what is known here. */
  hear(levelOfAll: number): void {
    this.level = Math.max(this.level, levelOfAll + this.untold)
  }

  get isBusy(): boolean {
    return this.#heat > BUSY_SHARE * this.#limit.burst
  }

  /** Nothing would be lost by forgetting it. */
  get isForgettable(): boolean {
    return this.level < NOTHING && this.#heat < NOTHING
  }
}
