import type { Platform } from '../core/client-api.ts'

const INTERVAL_MS = 1_000

export interface ThrottleOptions {
  readonly clock: Platform['clock']
  readonly isOn: boolean
  /** Says whether there was anything to tell: only what was told delays what follows. */
  readonly run: () => boolean
}

/**
 * Lets the first call through at once and merges further ones within a second into one at its end, which reads what is
 * true then (tim-semantics §2.2).
 */
export class Throttle {
  private readonly options: ThrottleOptions
  private isResting = false
  private isWanted = false
  private cancelRest: () => void = () => undefined

  constructor(options: ThrottleOptions) {
    this.options = options
  }

  call(): void {
    if (!this.options.isOn) {
      this.options.run()
    } else if (this.isResting) {
      this.isWanted = true
    } else {
      // Before the run: a listener that changes something calls again from within it.
      this.rest()
      if (!this.options.run()) this.reset()
    }
  }

  /** Forgets a call that is due. */
  reset(): void {
    this.cancelRest()
    this.isResting = false
    this.isWanted = false
  }

  private rest(): void {
    this.isResting = true
    this.cancelRest = this.options.clock.after(INTERVAL_MS, () => {
      this.isResting = false
      if (!this.isWanted) return
      this.isWanted = false
      this.call()
    })
  }
}
