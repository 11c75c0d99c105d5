import type { Platform } from './client-api.ts'

/** What may pass between the server's ping and its arrival before the client asks by itself. */
const MARGIN_MS = 5000
/** Time for an answer to a ping that nobody is waiting for. */
const ANSWER_MS = 5000

export interface WatchdogPorts {
  readonly clock: Platform['clock']
  readonly ping: () => void
  /** The connection gave no sign of life in time. */
  readonly onSilent: () => void
}

/**
 * Notices a connection that is dead although TCP says it is open. Any inbound traffic is a sign of life; after silence
 * it asks, and without an answer it barks once.
 */
export class Watchdog {
  private readonly ports: WatchdogPorts
  private heardAtMs = 0
  private quietMs = 0
  private cancel: (() => void) | undefined
  private isAsking = false

  constructor(ports: WatchdogPorts) {
    this.ports = ports
  }

  /** Starts watching a connection whose server promises a ping this often. */
  start(pingEveryMs: number): void {
    this.stop()
    this.quietMs = pingEveryMs + MARGIN_MS
    this.heard()
    this.watch(this.quietMs)
  }

  stop(): void {
    this.cancel?.()
    this.cancel = undefined
    this.isAsking = false
  }

  /** Something arrived. */
  heard(): void {
    this.heardAtMs = this.ports.clock.monotonicMs()
    if (!this.isAsking) return
    this.isAsking = false
    this.cancel?.()
    this.watch(this.quietMs)
  }

  /** Asks for a sign of life now; barks when none comes in time. Does nothing while not watching. */
  probe(deadlineMs: number): void {
    if (this.cancel === undefined) return
    this.cancel()
    this.isAsking = true
    this.cancel = this.ports.clock.after(deadlineMs, () => {
      this.stop()
      this.ports.onSilent()
    })
    this.ports.ping()
  }

  /** One timer, set again for what remains, so that a busy connection costs no timer per frame. */
  private watch(delayMs: number): void {
    this.cancel = this.ports.clock.after(delayMs, () => {
      const remainingMs = this.heardAtMs + this.quietMs - this.ports.clock.monotonicMs()
      if (remainingMs > 0) this.watch(remainingMs)
      else this.probe(ANSWER_MS)
    })
  }
}
