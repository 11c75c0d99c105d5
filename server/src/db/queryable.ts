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

/** A transaction through which whole tables go. A copy takes the connection for itself until it has ended. */
export interface BulkTx extends Tx {
  /** The bytes of a `COPY … TO STDOUT`, no faster than they are taken. Whoever stops before the end loses the transaction. */
  copyOut(text: string): AsyncIterable<Uint8Array>
  /** Gives bytes to a `COPY … FROM STDIN`, no faster than the server takes them. */
  copyIn(text: string, chunks: AsyncIterable<Uint8Array>): Promise<void>
}

/** One connection for work that is more than a transaction: copying, building indexes, holding a lock between both. */
export interface Session extends Queryable {
  readonly kind: 'session'
  transaction<T>(work: (tx: BulkTx) => Promise<T>): Promise<T>
}
