import { Outage } from '../kit/outage.ts'

/** The connection was lost, or the server did not answer in time. */
export class DatabaseUnavailable extends Outage {
  /** True when the transaction may have been committed all the same: only doing it again tells. */
  readonly isAmbiguous: boolean

  constructor(message: string, options: { readonly isAmbiguous?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'DatabaseUnavailable'
    this.isAmbiguous = options.isAmbiguous ?? false
  }
}

/** No connection became free in time, too many callers wait for one, or a lock was not to be had. Nothing was done. */
export class DatabaseBusy extends Outage {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'DatabaseBusy'
  }
}

/** What an error of the driver or of PostgreSQL means for the connection it came from. */
export type ErrorKind =
  /** PostgreSQL answered: the connection is as good as before. */
  | 'answer'
  /** PostgreSQL answered that it cannot do it now. */
  | 'refusal'
  /** Another transaction was in the way; the same again may succeed. */
  | 'conflict'
  /** The connection is gone or going. */
  | 'lost'

const CONFLICTS = new Set(['40001', '40P01'])
/** Lock timeout · statement timeout and cancellation · disk full · out of memory. */
const REFUSALS = new Set(['55P03', '57014', '53100', '53200'])
const SQLSTATE = /^[0-9A-Z]{5}$/
/** Shutdown, crash, start-up, too many connections, idle in transaction: the server ends the connection itself. */
const LOST_STATES = /^(?:08...|57P0[0-9]|533..|25P03)$/

export function kindOf(err: unknown): ErrorKind {
  const code = codeOf(err)
  if (code === undefined || !SQLSTATE.test(code)) return 'lost'
  if (CONFLICTS.has(code)) return 'conflict'
  if (REFUSALS.has(code)) return 'refusal'
  return LOST_STATES.test(code) ? 'lost' : 'answer'
}

export function codeOf(err: unknown): string | undefined {
  return err instanceof Error && 'code' in err && typeof err.code === 'string' ? err.code : undefined
}
