import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import type { Param, Queryable } from './db.ts'

/**
 * Drizzle's query builder over our edge, for queries that are rare: its statements have our deadlines and errors. Not
 * for the message path, where it costs three quarters of the throughput (performance.md). Transactions are ours:
 * `db.transaction((tx) => orm(tx).insert(…))`.
 */
export function orm(queryable: Queryable): PgRemoteDatabase {
  return drizzle(async (text, params, method) => {
    const given = params.map(toParam)
    if (method === 'execute') return { rows: [...(await queryable.query(text, given))] }
    const rows = await queryable.queryArrays(text, given)
    return { rows: rows.map((row) => row.map(toDriverValue)) }
  })
}

function toParam(value: unknown): Param {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Date) return value.toISOString()
  throw new TypeError('a parameter of this kind is not known; arrays go as texts, see arrays.ts')
}

/** Drizzle's column types read instants from texts. */
function toDriverValue(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value
}
