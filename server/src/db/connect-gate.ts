import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'

const FIRST_WAIT_MS = 250
const MAX_WAIT_MS = 2_000

/**
 * Holds back connection attempts while the server cannot be reached: one at a time, with growing, jittered waits, so
 * that all pools of a process together try at most a few times a second (F-10). While all is well it lets everybody pass.
 */
export class ConnectGate {
  readonly #clock: Clock
  readonly #random: Random
  #failures = 0
  #turn: Promise<void> = Promise.resolve()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** Runs the attempt when it may be made. */
  async pass<T>(attempt: () => Promise<T>): Promise<T> {
    if (this.#failures > 0) return this.#passInTurn(attempt)
    return this.#noting(attempt)
  }

  get isHeldBack(): boolean {
    return this.#failures > 0
  }

  #passInTurn<T>(attempt: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(async () => {
      if (this.#failures > 0) await this.#wait()
      return this.#noting(attempt)
    })
    this.#turn = mine.then(
      () => {},
      () => {},
    )
    return mine
  }

  async #noting<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      const result = await attempt()
      this.#failures = 0
      return result
    } catch (err) {
      this.#failures++
      throw err
    }
  }

  #wait(): Promise<void> {
    const cap = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#failures, 8))
    // Never below the first wait: that is the bound on attempts a second.
    const delayMs = FIRST_WAIT_MS + this.#random.fraction() * (cap - FIRST_WAIT_MS)
    return new Promise((resolve) => {
      this.#clock.after(delayMs, resolve)
    })
  }
}
