import type { Param } from './lane.ts'

/** What statements can be given to. */
export interface Queryable {
  /**
   * Runs a statement with parameters `$1`… Rows are plain objects: bigint as a number, JSON parsed, timestamptz as a
   * Date, the rest as numbers, booleans and texts. The server remembers the statement: texts must not be made up of
   * values.
   */
  query<Row extends object = Record<string, unknown>>(text: string, params?: readonly Param[]): Promise<readonly Row[]>
}

/** A transaction. Statements handed over without waiting for each other share round trips. */
export interface Tx extends Queryable {
  readonly kind: 'tx'
}
