import type { Platform } from '../core/client-api.ts'

/** A clock from the platform's own timers, which all our platforms have by the same names. */
export function timerClock(monotonicMs: () => number): Platform['clock'] {
  return {
    now: () => Date.now(),
    monotonicMs,
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    },
  }
}

/** A clock that never goes back, from one that may: steps back count as no time. */
export function neverBack(now: () => number): () => number {
  let last = now()
  let elapsed = 0
  return () => {
    const at = now()
    elapsed += Math.max(0, at - last)
    last = at
    return elapsed
  }
}
