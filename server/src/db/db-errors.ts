import { Outage } from '../kit/outage.ts'

/** The connection was lost, or the server did not answer in time. */
export class DatabaseUnavailable extends Outage {
  /** True when the work may have been committed all the same: only doing it again tells. */
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

/** PostgreSQL refused the statement. Carries no values of the row, which would bring people's messages into the log. */
export class StatementFailed extends Error {
  /** The SQLSTATE, such as 23505. */
  readonly code: string
  readonly constraint: string | undefined

  constructor(message: string, code: string, constraint: string | undefined) {
    super(message)
    this.name = 'StatementFailed'
    this.code = code
    this.constraint = constraint
  }
}

/** What a failure means for the connection it came from. */
export type Failure =
  /** PostgreSQL answered: the connection is as good as before. */
  | { readonly kind: 'answer'; readonly error: unknown }
  /** The connection is gone or going. */
  | { readonly kind: 'lost'; readonly cause: unknown }

/** Serialization failure and deadlock: another transaction was in the way, and the same again may succeed. */
const CONFLICTS = new Set(['40001', '40P01'])
/** Lock timeout · statement timeout and cancellation · disk full · out of memory: it cannot be done now. */
const REFUSALS = new Set(['55P03', '57014', '53100', '53200'])
const SQLSTATE = /^[0-9A-Z]{5}$/
/** With these PostgreSQL ends the session. */
const LAST_WORDS = new Set(['FATAL', 'PANIC'])

/** Sorts what the driver threw. */
export function classifyFailure(err: unknown): Failure {
  if (err instanceof DatabaseUnavailable) return { kind: 'lost', cause: err.cause ?? err }
  // A parser of ours that refused a value.
  if (err instanceof RangeError) return { kind: 'answer', error: err }
  const code = textOf(err, 'code')
  const severity = textOf(err, 'severity')
  if (code === undefined || !SQLSTATE.test(code) || severity === undefined || LAST_WORDS.has(severity)) {
    return { kind: 'lost', cause: err }
  }
  if (REFUSALS.has(code))
    return { kind: 'answer', error: new DatabaseBusy('PostgreSQL cannot do it now', { cause: err }) }
  const message = err instanceof Error ? err.message : 'the statement failed'
  return { kind: 'answer', error: new StatementFailed(message, code, textOf(err, 'constraint_name')) }
}

/** True when another transaction was in the way. */
export function isConflict(err: unknown): boolean {
  return err instanceof StatementFailed && CONFLICTS.has(err.code)
}

function textOf(err: unknown, name: string): string | undefined {
  if (typeof err !== 'object' || err === null || !(name in err)) return undefined
  const value: unknown = Reflect.get(err, name)
  return typeof value === 'string' ? value : undefined
}
