import type { Clock } from '../kit/clock.ts'
import { MOST_BURSTS, type SharedUse, type Use } from './shared-use.ts'

interface Level {
  level: number
  atMs: number
  readonly perSecond: number
}

const SWEEP_ABOVE = 1_000

/** For one node, or for several in one process that are given the same object. */
export class MemorySharedUse implements SharedUse {
  readonly #clock: Clock
  readonly #levels = new Map<string, Level>()
  #sweepAbove = SWEEP_ABOVE
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  exchange(uses: readonly Use[]): Promise<readonly number[] | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined)
    const nowMs = this.#clock.monotonicMs()
    const levels = uses.map((use) => this.#add(use, nowMs))
    this.#sweep(nowMs)
    return Promise.resolve(levels)
  }

  close(): Promise<void> {
    this.#isClosed = true
    this.#levels.clear()
    return Promise.resolve()
  }

  /** Keys that are kept. */
  get size(): number {
    return this.#levels.size
  }

  #add({ key, perSecond, burst, used }: Use, nowMs: number): number {
    const held = this.#levels.get(key)
    const left = held ? leftOf(held, nowMs) : 0
    const level = Math.min(burst * MOST_BURSTS, Math.max(0, left + used))
    if (level > 0) this.#levels.set(key, { level, atMs: nowMs, perSecond })
    else this.#levels.delete(key)
    return level
  }

  /** Now and then, so that it costs a constant for each use. */
  #sweep(nowMs: number): void {
    if (this.#levels.size <= this.#sweepAbove) return
    for (const [key, held] of this.#levels) if (leftOf(held, nowMs) === 0) this.#levels.delete(key)
    this.#sweepAbove = Math.max(SWEEP_ABOVE, this.#levels.size * 2)
  }
}

function leftOf({ level, atMs, perSecond }: Level, nowMs: number): number {
  return Math.max(0, level - ((nowMs - atMs) / 1000) * perSecond)
}
