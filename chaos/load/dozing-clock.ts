import type { Platform } from '../../client-sdk/src/core/client-api.ts'

type Clock = Platform['clock']

/** A device's clock: wrong by so much, and able to stand still. */
export interface DozingClock extends Clock {
  /** From now on no timer runs out; returns what lets them, those that are overdue at once. */
  freeze(): () => void
}

export function dozingClock(inner: Clock, skewMs: number): DozingClock {
  let isFrozen = false
  let overdue: (() => void)[] = []
  return {
    now: () => inner.now() + skewMs,
    monotonicMs: () => inner.monotonicMs(),
    after: (delayMs, run) => {
      let isCancelled = false
      const due = (): void => {
        if (isCancelled) return
        if (isFrozen) overdue.push(due)
        else run()
      }
      const cancel = inner.after(delayMs, due)
      return () => {
        isCancelled = true
        cancel()
      }
    },
    freeze: () => {
      isFrozen = true
      return () => {
        isFrozen = false
        const late = overdue
        overdue = []
        for (const run of late) run()
      }
    },
  }
}
