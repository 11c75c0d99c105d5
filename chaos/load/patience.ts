import { ERRORS, type ErrorName } from '@hongyan/protocol'
import { pause } from '../rig/waiting.ts'

/** What came of asking until there was a definite answer. */
export type Answer<T> =
  | { readonly kind: 'done'; readonly value: T; readonly attempts: number }
  /** No: asking again cannot help. */
  | { readonly kind: 'refused'; readonly failure: string; readonly attempts: number }
  /** Nothing, for longer than anybody waits. */
  | { readonly kind: 'unanswered'; readonly failure: string; readonly attempts: number }

const PATIENCE_MS = 150_000
const PAUSE_MS = 100

/** Who asks. */
export interface Asker {
  /**
   * When the rig itself kept its network from it last, on the monotonic clock: infinity while it does. That may last for
   * longer than anybody's patience.
   */
  readonly cutOffUntilMs: number
}

/**
 * As a patient application: asks again until it is done, or refused for good. What is asked for may be asked for twice.
 * Patience begins anew when the network is back. `onFailed` hears of every time that it has to be asked again.
 */
export async function askPatiently<T>(
  asker: Asker,
  ask: () => Promise<T>,
  onFailed: () => void = () => {},
): Promise<Answer<T>> {
  const startedMs = performance.now()
  for (let attempts = 1; ; attempts++) {
    try {
      return { kind: 'done', value: await ask(), attempts }
    } catch (err) {
      const failure = failureOf(err)
      if (isFinal(failure)) return { kind: 'refused', failure, attempts }
      onFailed()
      const sinceMs = Math.max(startedMs, asker.cutOffUntilMs)
      if (performance.now() > sinceMs + PATIENCE_MS) return { kind: 'unanswered', failure, attempts }
      await pause(PAUSE_MS)
    }
  }
}

export function failureOf(err: unknown): string {
  if (err instanceof Error && 'failure' in err) return String(err.failure)
  return String(err)
}

function isFinal(failure: string): boolean {
  return failure in ERRORS && !ERRORS[failure as ErrorName].retryable
}
