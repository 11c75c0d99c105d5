import type { Queryable } from '../db/db.ts'
import type { SequencePlace } from './manifest.ts'

/** A table and the columns that are stored, in their order. */
export interface TableShape {
  readonly table: string
  readonly columns: readonly string[]
}

/** The table that says which migrations were applied; it is made by applying them. */
export const MIGRATION_TABLE = 'migration'

/** All tables of this schema, of ours or of others; those of extensions are left out, and parts of a partitioned one. */
export async function readTables(db: Queryable, schema: string): Promise<readonly TableShape[]> {
  return db.query<TableShape>(
    `SELECT c.relname AS "table",
            (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
       FROM pg_class c
      WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                           AND d.deptype = 'e')
      ORDER BY c.relname`,
    [schema],
  )
}

/** Where the numbers that the tables of this schema are given have come to. Read after what uses them: it is never less. */
export async function readSequences(db: Queryable, schema: string): Promise<readonly SequencePlace[]> {
  return db.query<SequencePlace>(
    `SELECT c.relname AS "table", a.attname AS "column",
            coalesce(pg_sequence_last_value(pg_get_serial_sequence(quote_ident($1) || '.' || quote_ident(c.relname), a.attname)::regclass),
                     0) AS last
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> '' AND NOT a.attisdropped
      WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relkind IN ('r', 'p')
      ORDER BY 1, 2`,
    [schema],
  )
}

/** The schema in which the tables are. */
export async function readSchema(db: Queryable): Promise<string> {
  const [row] = await db.query<{ schema: string | null }>('SELECT current_schema() AS schema')
  if (!row || row.schema === null) throw new Error('the database has no schema for this user; grant him one')
  return row.schema
}

/** What this store is. Undefined where there is none. */
export async function readStore(
  db: Queryable,
): Promise<{ readonly epoch: string; readonly postgres: string; readonly takenAt: Date } | undefined> {
  const [found] = await db.query<{ is: boolean }>(`SELECT to_regclass('store') IS NOT NULL AS is`)
  if (found?.is !== true) return undefined
  const [row] = await db.query<{ epoch: string; postgres: string; takenAt: Date }>(
    `SELECT epoch, current_setting('server_version') AS postgres, now() AS "takenAt" FROM store`,
  )
  return row
}

export async function readMigrationsApplied(
  db: Queryable,
): Promise<readonly { readonly tag: string; readonly hash: string }[]> {
  return db.query<{ tag: string; hash: string }>(`SELECT tag, hash FROM ${MIGRATION_TABLE} ORDER BY tag`)
}

/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** What gives all rows of a table as text. */
export function copyOutOf(schema: string, { table, columns }: TableShape): string {
  return `COPY (SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(schema)}.${quoted(table)}) TO STDOUT`
}
