import type { Platform } from '../src/core/client-api.ts'

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** Time that passes only when a test says so; timers run in the order of their times, then of their making. */
export class VirtualClock {
  private nowMs = 0
  private made = 0
  private timers: Timer[] = []
  private readonly startedAtMs: number

  constructor(startedAtMs = 1_760_000_000_000) {
    this.startedAtMs = startedAtMs
  }

  now(): number {
    return this.startedAtMs + Math.floor(this.nowMs)
  }

  monotonicMs(): number {
    return this.nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.nowMs + Math.max(0, delayMs), order: ++this.made, run }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }

  /** A clock a few ms or hours beside this one, as a device's is. */
  skewed(skewMs: number): Platform['clock'] {
    return {
      now: () => this.now() + skewMs,
      monotonicMs: () => this.monotonicMs(),
      after: (delayMs, run) => this.after(delayMs, run),
    }
  }

  /** How many timers wait. */
  get pending(): number {
    return this.timers.length
  }

  /** Lets time pass, with what is due in it and with the promises behind that. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms
    await settlePromises()
    for (let timer = this.nextUntil(untilMs); timer !== undefined; timer = this.nextUntil(untilMs)) {
      const due = timer
      this.timers = this.timers.filter((other) => other !== due)
      this.nowMs = due.atMs
      due.run()
      await settlePromises()
    }
    this.nowMs = untilMs
  }

  private nextUntil(untilMs: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.timers) {
      if (timer.atMs > untilMs) continue
      if (next === undefined || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.order < next.order))
        next = timer
    }
    return next
  }
}

async function settlePromises(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await Promise.resolve()
}

/** A small seeded source of chance (mulberry32), uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
