import type { Db, Tx } from './db.ts'
import { readMigrations, type Migration } from './migrations.ts'
import { StartRefused } from './start-refused.ts'

/** Any number, the same for all nodes: two that start at once migrate one after the other. */
const LOCK_KEY = 7_238_150_021
/** An index on a big table takes its time, and so does the other node whose lock we wait for. */
const DEADLINE_MS = 30 * 60_000

/**
 * Brings the database to this program's schema; each migration in a transaction of its own, so that a kill leaves it
 * before or after one. Returns the tags applied. Refuses a database that is newer than the program, or whose applied
 * migrations are not ours.
 */
export async function migrate(db: Db, migrations: readonly Migration[] = readMigrations()): Promise<readonly string[]> {
  const applied: string[] = []
  for (let next = await applyNext(db, migrations); next !== undefined; next = await applyNext(db, migrations)) {
    applied.push(next)
  }
  return applied
}

/** Applies one migration under the lock; its tag, or undefined when none is missing. */
function applyNext(db: Db, migrations: readonly Migration[]): Promise<string | undefined> {
  const work = async (tx: Tx): Promise<string | undefined> => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY])
    await tx.query(
      'CREATE TABLE IF NOT EXISTS migration (tag text PRIMARY KEY, hash text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    )
    const known = await tx.query<{ tag: string; hash: string }>('SELECT tag, hash FROM migration')
    assertOurs(known, migrations)
    const applied = new Set(known.map(({ tag }) => tag))
    const next = migrations.find(({ tag }) => !applied.has(tag))
    if (!next) return undefined
    await apply(tx, next)
    return next.tag
  }
  return db.transaction(work, { deadlineMs: DEADLINE_MS })
}

async function apply(tx: Tx, { tag, hash, statements }: Migration): Promise<void> {
  for (const statement of statements) await tx.query(statement)
  await tx.query('INSERT INTO migration (tag, hash) VALUES ($1, $2)', [tag, hash])
}

function assertOurs(applied: readonly { tag: string; hash: string }[], migrations: readonly Migration[]): void {
  const hashes = new Map(migrations.map(({ tag, hash }) => [tag, hash]))
  const foreign = applied.find(({ tag }) => !hashes.has(tag))
  if (foreign) {
    throw new StartRefused(
      `the database is newer than this program (it has migration ${foreign.tag}); update the program`,
    )
  }
  const changed = applied.find(({ tag, hash }) => hashes.get(tag) !== hash)
  if (changed) throw new StartRefused(`migration ${changed.tag} differs from the one the database was made with`)
}
