const MAX_SAMPLES = 4_000
const MAX_ERRORS = 20

/** What happened since it was last taken; for the parent's numbers, not for the checkers. */
export interface Counts {
  readonly acked: number
  readonly asked: number
  readonly retried: number
  readonly refusals: number
  readonly losses: number
  readonly dials: number
  readonly slow: number
  readonly late: number
  readonly ackMs: readonly number[]
  readonly deliveryMs: readonly number[]
  /** When this was taken, ms since 1970. */
  readonly takenAtMs: number
  /** When the oldest send that has no answer yet was asked for; absent when all have theirs. */
  readonly oldestAtMs?: number
  /** What the SDK said it tripped over; must stay empty. */
  readonly errors: readonly string[]
}

const SLOW_MS = 1_000

/** Counts what a worker's devices go through. */
export class Tally {
  dials = 0
  losses = 0
  refusals = 0
  retried = 0
  asked = 0
  #acked = 0
  #slow = 0
  #late = 0
  #ackMs: number[] = []
  #deliveryMs: number[] = []
  #errors: string[] = []
  #deliveries = 0
  readonly #asking = new Set<{ readonly atMs: number }>()

  /** Somebody asks; returns what says that he has his answer. */
  ask(): () => void {
    const asking = { atMs: Date.now() }
    this.asked++
    this.#asking.add(asking)
    return () => this.#asking.delete(asking)
  }

  answered(tookMs: number): void {
    this.#acked++
    if (tookMs > SLOW_MS) this.#slow++
    if (this.#ackMs.length < MAX_SAMPLES) this.#ackMs.push(Math.round(tookMs))
  }

  delivered(tookMs: number, lateMs: number): void {
    if (tookMs > lateMs) this.#late++
    // A sample is enough where everybody is told of everything.
    if (this.#deliveries++ % 8 === 0 && this.#deliveryMs.length < MAX_SAMPLES) this.#deliveryMs.push(tookMs)
  }

  noteError(text: string): void {
    if (this.#errors.length < MAX_ERRORS) this.#errors.push(text)
  }

  take(): Counts {
    // They are in the order in which they asked.
    const [oldest] = this.#asking
    const counts: Counts = {
      acked: this.#acked,
      asked: this.asked,
      retried: this.retried,
      refusals: this.refusals,
      losses: this.losses,
      dials: this.dials,
      slow: this.#slow,
      late: this.#late,
      ackMs: this.#ackMs,
      deliveryMs: this.#deliveryMs,
      takenAtMs: Date.now(),
      ...(oldest ? { oldestAtMs: oldest.atMs } : {}),
      errors: this.#errors,
    }
    this.dials = this.losses = this.refusals = this.retried = this.asked = 0
    this.#acked = this.#slow = this.#late = 0
    this.#ackMs = []
    this.#deliveryMs = []
    this.#errors = []
    return counts
  }
}
