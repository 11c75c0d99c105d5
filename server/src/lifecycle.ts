import { CLOSE } from '@hongyan/protocol'
import type { Clock } from './kit/clock.ts'
import type { Logger } from './kit/logger.ts'

/** One thing to do at the end. */
export interface StopStep {
  readonly name: string
  readonly deadlineMs: number
  readonly run: () => Promise<void>
}

/** Runs the steps in order; one that fails or passes its deadline is logged and does not hold up the next. Never rejects. */
export async function stopInOrder(steps: readonly StopStep[], deps: { clock: Clock; log: Logger }): Promise<void> {
  for (const step of steps) {
    try {
      await withDeadline(step.run(), step.deadlineMs, deps.clock)
      deps.log.debug({ step: step.name }, 'stopped')
    } catch (err) {
      deps.log.warn({ err, step: step.name }, 'a step of stopping did not end well')
    }
  }
}

async function withDeadline(work: Promise<void>, deadlineMs: number, clock: Clock): Promise<void> {
  let cancel = (): void => {}
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(deadlineMs, () => reject(new Error(`not done within ${deadlineMs} ms`)))
  })
  try {
    await Promise.race([work, late])
  } finally {
    cancel()
  }
}

/** What draining needs of a session. */
export interface Drainable {
  close(code: number, reason: string): void
}

const SLICES = 20

/**
 * Closes the sessions in slices over the window: closing all at once would send every client to the other nodes within
 * one second (promise I9). Without any other node, or with few sessions, it is over at once.
 */
export async function drainSessions(
  sessions: () => readonly Drainable[],
  options: { readonly windowMs: number; readonly clock: Clock },
): Promise<void> {
  const total = sessions().length
  const sliceSize = Math.max(50, Math.ceil(total / SLICES))
  for (let rest = sessions(); rest.length > 0; rest = sessions()) {
    for (const session of rest.slice(0, sliceSize)) session.close(CLOSE.DRAINING, 'the server is going down')
    if (rest.length > sliceSize) await sleep(options.windowMs / SLICES, options.clock)
  }
}

function sleep(delayMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve)
  })
}
