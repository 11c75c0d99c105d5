// Stand-in by the lead until the database edge lands; to be replaced as a whole.
import postgres from 'postgres'
export type Param = null | string | number | boolean
export interface Queryable {
  query<Row extends object = Record<string, unknown>>(text: string, params?: readonly Param[]): Promise<readonly Row[]>
}
export interface Tx extends Queryable { readonly kind: 'tx' }
export interface Db extends Queryable {
  readonly kind: 'db'
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: { readonly deadlineMs?: number; readonly retry?: boolean }): Promise<T>
  close(): Promise<void>
}
export class DatabaseUnavailable extends Error { readonly isAmbiguous = true }
export class DatabaseBusy extends Error {}
export function textArray(values: readonly (string | null)[]): string {
  return '{' + values.map((v) => (v === null ? 'NULL' : '"' + v.replace(/[\\"]/g, '\\$&') + '"')).join(',') + '}'
}
export function numberArray(values: readonly (number | null)[]): string {
  return '{' + values.map((v) => (v === null ? 'NULL' : String(v))).join(',') + '}'
}
export function connect(options: { url: string; name: string; size: number }): Db {
  const sql = postgres(options.url, { max: options.size, fetch_types: false, onnotice: () => {}, types: { int8: { to: 20, from: [20], parse: Number, serialize: String } } as never })
  const q = (s: postgres.Sql) => async (text: string, params: readonly Param[] = []) => (await s.unsafe(text, params as never[], { prepare: true })) as never
  return {
    kind: 'db',
    query: q(sql) as never,
    transaction: (work) => sql.begin((s) => work({ kind: 'tx', query: q(s as never) as never })) as never,
    close: () => sql.end({ timeout: 1 }),
  }
}
