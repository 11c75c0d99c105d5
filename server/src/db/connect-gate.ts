import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'

/** In the long run; a process that starts may open its pools at once. */
const ATTEMPTS_PER_SECOND = 5
const BURST = 10
const MIN_WAIT_MS = 200
const MAX_WAIT_MS = 1_500
const FIRST_CAP_MS = 250

/**
 * Bounds how often a process connects (F-10, F-11): a few times a second, whatever becomes of the connections; and
 * after failures one at a time, with growing, jittered waits. Shared by the pools of a process.
 */
export class ConnectGate {
  readonly #clock: Clock
  readonly #random: Random
  #failures = 0
  #tokens = BURST
  #filledAtMs: number
  #heldUntilMs = 0
  #turn: Promise<void> = Promise.resolve()
  #attempt: Promise<unknown> = Promise.resolve()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
    this.#filledAtMs = clock.monotonicMs()
  }

  /** Attempts that have failed since the last success. */
  get failures(): number {
    return this.#failures
  }

  /**
   * Runs the attempt when it may be made, in the order of asking. One that is no longer wanted then returns undefined:
   * it says nothing about the server.
   */
  async pass<T>(attempt: () => Promise<T> | undefined): Promise<T | undefined> {
    const turn = this.#turn.then(() => this.#admit())
    this.#turn = turn
    await turn
    const begun = attempt()
    if (!begun) return undefined
    const noted = this.#note(begun)
    this.#attempt = noted.catch(() => {})
    return noted
  }

  async #admit(): Promise<void> {
    if (this.#failures > 0) await this.#attempt
    const waitMs = Math.max(this.#heldUntilMs - this.#clock.monotonicMs(), this.#untilTokenMs())
    if (waitMs > 0) await new Promise<void>((resolve) => void this.#clock.after(waitMs, resolve))
    this.#fill()
    this.#tokens--
  }

  async #note<T>(attempt: Promise<T>): Promise<T> {
    const failuresBefore = this.#failures
    try {
      const result = await attempt
      this.#failures = 0
      this.#heldUntilMs = 0
      return result
    } catch (err) {
      // Several that were under way together are one failure.
      if (this.#failures === failuresBefore) this.#hold()
      throw err
    }
  }

  #hold(): void {
    this.#failures++
    const cap = Math.min(MAX_WAIT_MS, FIRST_CAP_MS * 2 ** Math.min(this.#failures, 8))
    const waitMs = Math.max(MIN_WAIT_MS, this.#random.fraction() * cap)
    this.#heldUntilMs = this.#clock.monotonicMs() + waitMs
  }

  #fill(): void {
    const now = this.#clock.monotonicMs()
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filledAtMs) * ATTEMPTS_PER_SECOND) / 1000)
    this.#filledAtMs = now
  }

  #untilTokenMs(): number {
    this.#fill()
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) * 1000) / ATTEMPTS_PER_SECOND
  }
}
