import type { Session, Tx } from '../db/db.ts'
import type { SequencePlace } from './manifest.ts'
import { quoted } from './store-reader.ts'

/**
 * Keys a restored store leaves out. A node that has not noticed yet that its store was replaced remembers keys that were
 * given out after the backup: under these nobody else must be found.
 */
const KEYS_LEFT_OUT = 1_000_000

/** Another identity for this store: every device rebuilds what it has of it (promise I12). Returns it. */
export async function rotateEpoch(tx: Tx, schema: string): Promise<string> {
  const [row] = await tx.query<{ epoch: string }>(
    `UPDATE ${quoted(schema)}.store SET epoch = gen_random_uuid()::text RETURNING epoch`,
  )
  if (!row) throw new Error('the store has no epoch')
  return row.epoch
}

/** Has the sequences go on where they had come to. */
export async function placeSequences(tx: Tx, schema: string, places: readonly SequencePlace[]): Promise<void> {
  for (const { table, column, last } of places) {
    const name = `${quoted(schema)}.${quoted(table)}`
    // One that has given nothing out yet stays as it was made.
    if (last > 0) await tx.query('SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3)', [name, column, last])
  }
}

/** Has keys be given out from far beyond these places. */
export async function leaveOutKeys(tx: Tx, schema: string, places: readonly SequencePlace[]): Promise<void> {
  for (const { table, column, last } of places) {
    const name = `${quoted(schema)}.${quoted(table)}`
    await tx.query(
      `SELECT setval(pg_get_serial_sequence($1, $2)::regclass,
                     greatest($3::bigint, coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass), 0)) + $4)`,
      [name, column, last, KEYS_LEFT_OUT],
    )
  }
}

export async function makeSchema(session: Session, schema: string): Promise<void> {
  await session.query(`CREATE SCHEMA ${quoted(schema)}`)
}

/** With everything in it; no such schema is fine. */
export async function dropSchema(session: Session | Tx, schema: string): Promise<void> {
  await session.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`)
}

/** Puts tables in the place of others, in the transaction's one moment. Nobody uses the others when it is done. */
export async function replaceTables(
  tx: Tx,
  from: { readonly schema: string; readonly tables: readonly string[] },
  to: { readonly schema: string; readonly tables: readonly string[] },
): Promise<void> {
  if (to.tables.length > 0) {
    const old = to.tables.map((table) => `${quoted(to.schema)}.${quoted(table)}`).join(', ')
    await tx.query(`LOCK TABLE ${old} IN ACCESS EXCLUSIVE MODE`)
    await tx.query(`DROP TABLE ${old} CASCADE`)
  }
  for (const table of from.tables) {
    await tx.query(`ALTER TABLE ${quoted(from.schema)}.${quoted(table)} SET SCHEMA ${quoted(to.schema)}`)
  }
  // Nothing of it may be left: what a migration makes besides tables would be lost here, and must not be unnoticed.
  await tx.query(`DROP SCHEMA ${quoted(from.schema)}`)
}
