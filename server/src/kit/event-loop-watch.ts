import { monitorEventLoopDelay, PerformanceObserver, type IntervalHistogram } from 'node:perf_hooks'
import type { Clock } from './clock.ts'

/** How late the event loop was within a window, in milliseconds. */
export interface LoopDelay {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface Stall {
  readonly tookMs: number
  readonly endedAgoMs: number
}

const TICK_MS = 250
const WINDOW_MS = 10_000
const RESOLUTION_MS = 20
const NO_DELAY: LoopDelay = { p50Ms: 0, p99Ms: 0, maxMs: 0 }

/**
 * Watches whether the event loop turns (F-22): while it stands still nobody is served, and nothing of ours can say so;
 * afterwards this knows for how long it stood. Costs four timers a second.
 */
export class EventLoopWatch {
  readonly #clock: Clock
  readonly #stallMs: number
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) this.#gcMs += duration
  })
  #cancel: () => void = () => {}
  #windowEndsAtMs = 0
  #delay = NO_DELAY
  #gcMs = 0
  #stalls = 0
  #last: { readonly tookMs: number; readonly endedAtMs: number } | undefined

  /** `stallMs`: as long as this, or longer, is a stall. */
  constructor(options: { readonly clock: Clock; readonly stallMs: number }) {
    this.#clock = options.clock
    this.#stallMs = options.stallMs
  }

  start(): void {
    this.#histogram.enable()
    this.#collections.observe({ entryTypes: ['gc'] })
    this.#windowEndsAtMs = this.#clock.monotonicMs() + WINDOW_MS
    this.#tick()
  }

  stop(): Promise<void> {
    this.#cancel()
    this.#histogram.disable()
    this.#collections.disconnect()
    return Promise.resolve()
  }

  /** Of the last complete 10 s. */
  get delay(): LoopDelay {
    return this.#delay
  }

  get stalls(): number {
    return this.#stalls
  }

  get gcMs(): number {
    return this.#gcMs
  }

  /** The last stall, if it ended less than `withinMs` ago. */
  stalledWithin(withinMs: number): Stall | undefined {
    if (!this.#last) return undefined
    const endedAgoMs = this.#clock.monotonicMs() - this.#last.endedAtMs
    return endedAgoMs < withinMs ? { tookMs: this.#last.tookMs, endedAgoMs } : undefined
  }

  #tick(): void {
    const dueMs = this.#clock.monotonicMs() + TICK_MS
    this.#cancel = this.#clock.after(TICK_MS, () => {
      this.#note(this.#clock.monotonicMs(), dueMs)
      this.#tick()
    })
  }

  #note(nowMs: number, dueMs: number): void {
    const tookMs = nowMs - dueMs
    if (tookMs >= this.#stallMs) {
      this.#stalls++
      this.#last = { tookMs, endedAtMs: nowMs }
    }
    if (nowMs < this.#windowEndsAtMs) return
    this.#windowEndsAtMs = nowMs + WINDOW_MS
    this.#delay = {
      p50Ms: lateness(this.#histogram.percentile(50)),
      p99Ms: lateness(this.#histogram.percentile(99)),
      maxMs: lateness(this.#histogram.max),
    }
    this.#histogram.reset()
  }
}

/** The monitor measures from one of its turns to the next, which is its resolution when all is well. */
function lateness(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
}
