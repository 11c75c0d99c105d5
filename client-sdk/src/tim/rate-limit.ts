import type { Platform } from '../core/client-api.ts'
import { timError } from './errors.ts'

/** At most `calls` within `perMs`; more are refused with 2996 without asking the server (tim-semantics §2.1 rule 13). */
export class RateLimit {
  private readonly clock: Platform['clock']
  private readonly calls: number
  private readonly perMs: number
  private atMs: number[] = []

  constructor(clock: Platform['clock'], calls: number, perMs: number) {
    this.clock = clock
    this.calls = calls
    this.perMs = perMs
  }

  take(): void {
    const now = this.clock.monotonicMs()
    this.atMs = this.atMs.filter((at) => now - at < this.perMs)
    if (this.atMs.length >= this.calls) throw timError(2996)
    this.atMs.push(now)
  }
}
