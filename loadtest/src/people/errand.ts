import type { CommandName } from '@hongyan/protocol'
import type { Timed } from '../measure/meter.ts'

/** What became of a request. */
export type Outcome =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  /** `refused` by the server, by this name; `unknown`: there was never an answer. */
  | { readonly ok: false; readonly why: 'refused' | 'unknown'; readonly name: string }

/** A request that is to be answered, on this connection or on a later one. */
export interface Errand {
  readonly command: CommandName
  readonly body: object
  /** When it was to be done, by the clock; what it takes is counted from there. */
  readonly dueMs: number
  /** What it counts as. */
  readonly timed: Timed | undefined
  /** Means this connection, or nothing: it is not sent again. */
  readonly isOnce: boolean
  readonly settle: (outcome: Outcome) => void
  attempts: number
}
