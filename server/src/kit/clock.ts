/** Wall time and waiting, injected so that tests and the simulator own them. */
export interface Clock {
  /** Milliseconds since the Unix epoch. For display and expiry only: wall time never decides an order (promise I10). */
  now(): number
  /** Milliseconds from an arbitrary start; never goes back. For deadlines and ages. */
  monotonicMs(): number
  /** Runs `run` once after `delayMs`, unless the returned function is called first. */
  after(delayMs: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}
