import type { Platform } from '../core/client-api.ts'

const INTERVAL_MS = 1_000

/**
 * Lets the first call through at once and merges further ones within a second into one at its end, which reads what is
 * true then (tim-semantics §2.2).
 */
export class Throttle {
  private readonly clock: Platform['clock']
  private readonly run: () => void
  private readonly isOn: boolean
  private isResting = false
  private isWanted = false
  private cancelRest: () => void = () => undefined

  constructor(options: { readonly clock: Platform['clock']; readonly isOn: boolean; readonly run: () => void }) {
    this.clock = options.clock
    this.isOn = options.isOn
    this.run = options.run
  }

  call(): void {
    if (!this.isOn) return this.run()
    if (this.isResting) {
      this.isWanted = true
      return
    }
    this.rest()
    this.run()
  }

  /** Forgets a call that is due. */
  reset(): void {
    this.cancelRest()
    this.isResting = false
    this.isWanted = false
  }

  private rest(): void {
    this.isResting = true
    this.cancelRest = this.clock.after(INTERVAL_MS, () => {
      this.isResting = false
      if (!this.isWanted) return
      this.isWanted = false
      this.call()
    })
  }
}
