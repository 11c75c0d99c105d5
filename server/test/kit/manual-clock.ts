import type { Clock } from '../../src/kit/clock.ts'

interface Alarm {
  readonly atMs: number
  readonly run: () => void
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  /** May be set to any value: wall time jumps, monotonic time does not. */
  wallMs = 1_761_000_000_000
  #monotonicMs = 0
  #alarms: Alarm[] = []

  now(): number {
    return this.wallMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  after(delayMs: number, run: () => void): () => void {
    const alarm = { atMs: this.#monotonicMs + delayMs, run }
    this.#alarms.push(alarm)
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm)
    }
  }

  /** What waits for its time. */
  get alarms(): number {
    return this.#alarms.length
  }

  /** Lets time pass, and everything that is due happen in its order; between two alarms all promises settle. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#monotonicMs + ms
    for (;;) {
      await settle()
      const next = this.#alarms.filter((alarm) => alarm.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (!next) break
      this.#alarms = this.#alarms.filter((alarm) => alarm !== next)
      this.#move(next.atMs)
      next.run()
    }
    this.#move(untilMs)
    await settle()
  }

  #move(toMs: number): void {
    this.wallMs += toMs - this.#monotonicMs
    this.#monotonicMs = toMs
  }
}

/** Resolves when every promise that can settle without an event from outside has settled. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
