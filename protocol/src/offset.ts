import type { Offset } from './ids.ts'

/** How an arriving entry stands to a reader's cursor. */
export type Arrival = 'next' | 'old' | 'gap'

/**
 * `next`: apply it. `old`: it was applied before, drop it ([PUSH-2]). `gap`: entries are missing before it, fetch them
 * first ([PUSH-3]). The one rule that keeps every reader complete and in order; hub and SDK both use it.
 */
export function classify(cursor: Offset, offset: Offset): Arrival {
  if (offset === cursor + 1) return 'next'
  return offset <= cursor ? 'old' : 'gap'
}
