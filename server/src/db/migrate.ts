import { systemClock, type Clock } from '../kit/clock.ts'
import { DatabaseBusy, isConflict } from './db-errors.ts'
import type { Db, Session } from './db.ts'
import { indexOf, isBuiltAside } from './migration-rules.ts'
import { readMigrations, type Migration } from './migrations.ts'
import { StartRefused } from './start-refused.ts'

/** Any number, the same for all nodes: two that start at once migrate one after the other. */
export const MIGRATION_LOCK = 7_238_150_021
/** An index on a big table takes its time, and so does the other node whose lock we wait for. */
const DEADLINE_MS = 30 * 60_000
const LOCK_POLL_MS = 200
/**
 * How long a statement may wait for a table that others use. All who come after it wait behind it, so the message path
 * stands still for no longer than this; then it lets them pass and tries again.
 */
const TABLE_LOCK_MS = 800
/** Now and then longer: PostgreSQL's own vacuuming gives way only to who has waited for a second. */
const LONG_TABLE_LOCK_MS = 1_400
const LONG_EVERY = 4
const RETRY_PAUSE_MS = 500
const MAX_RETRY_PAUSE_MS = 10_000
const INDEX_TRIES = 5
/** PostgreSQL's word for a lock that was not to be had in time. */
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Brings the database to this program's schema, while programs of the version before may serve on it. Each migration is
 * in a transaction of its own, so that a kill leaves it before or after one; one that builds indexes aside is not, and is
 * taken up where it was. Returns the tags applied. Refuses a database that is newer than the program, or whose applied
 * migrations are not ours.
 */
export function migrate(
  db: Db,
  migrations: readonly Migration[] = readMigrations(),
  clock: Clock = systemClock,
): Promise<readonly string[]> {
  return db.session((session) => migrateThrough(session, migrations, clock), { deadlineMs: DEADLINE_MS })
}

/** The same, in the schema that is the session's first. The session has the migration lock from then on. */
export async function migrateThrough(
  session: Session,
  migrations: readonly Migration[],
  clock: Clock,
): Promise<readonly string[]> {
  await takeMigrationLock(session, clock)
  await session.query(
    'CREATE TABLE IF NOT EXISTS migration (tag text PRIMARY KEY, hash text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  )
  const known = await session.query<{ tag: string; hash: string }>('SELECT tag, hash FROM migration')
  assertOurs(known, migrations)
  const applied = new Set(known.map(({ tag }) => tag))
  const missing = migrations.filter(({ tag }) => !applied.has(tag))
  for (const migration of missing) {
    if (isBuiltAside(migration)) await buildAside(session, migration, clock)
    else await applyAtOnce(session, migration, clock)
  }
  return missing.map(({ tag }) => tag)
}

/**
 * Asks until it is given. A statement that waited for it would hold a snapshot all the time, and whoever has the lock and
 * builds an index waits for all older snapshots: both would wait for ever.
 */
export async function takeMigrationLock(session: Session, clock: Clock): Promise<void> {
  for (;;) {
    const [row] = await session.query<{ is: boolean }>('SELECT pg_try_advisory_lock($1) AS is', [MIGRATION_LOCK])
    if (row?.is === true) return
    await pause(LOCK_POLL_MS, clock)
  }
}

async function applyAtOnce(session: Session, { tag, hash, statements }: Migration, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const lockMs = attempt % LONG_EVERY === 0 ? LONG_TABLE_LOCK_MS : TABLE_LOCK_MS
    try {
      return await session.transaction(async (tx) => {
        await tx.query(`SET LOCAL lock_timeout = ${lockMs}`)
        for (const statement of statements) await tx.query(statement)
        await tx.query('INSERT INTO migration (tag, hash) VALUES ($1, $2)', [tag, hash])
      })
    } catch (err) {
      if (!wasLockedOut(err) && !isConflict(err)) throw err
      await pause(Math.min(MAX_RETRY_PAUSE_MS, RETRY_PAUSE_MS * 2 ** Math.min(attempt, 8)), clock)
    }
  }
}

/** Outside any transaction: writers go on while an index is built. */
async function buildAside(session: Session, { tag, hash, statements }: Migration, clock: Clock): Promise<void> {
  // It waits for transactions that are older than it, and nobody waits behind it.
  await session.query('SET lock_timeout = 0')
  for (const statement of statements) await buildIndex(session, statement, clock)
  await session.query('RESET lock_timeout')
  await session.query('INSERT INTO migration (tag, hash) VALUES ($1, $2)', [tag, hash])
}

async function buildIndex(session: Session, statement: string, clock: Clock): Promise<void> {
  const index = indexOf(statement)
  for (let attempt = 1; ; attempt++) {
    const [found] = await session.query<{ isValid: boolean }>(
      'SELECT indisvalid AS "isValid" FROM pg_index WHERE indexrelid = to_regclass($1)',
      [index],
    )
    if (found?.isValid === true) return
    // What a killed build has left: it is kept up to date by every write, and of no use to any reader.
    if (found) await session.query(`DROP INDEX CONCURRENTLY ${index}`)
    try {
      await session.query(statement)
      return
    } catch (err) {
      if (!isConflict(err) || attempt === INDEX_TRIES) throw err
      await pause(RETRY_PAUSE_MS, clock)
    }
  }
}

function wasLockedOut(err: unknown): boolean {
  if (!(err instanceof DatabaseBusy)) return false
  const { cause } = err
  return cause instanceof Error && 'code' in cause && cause.code === LOCK_NOT_AVAILABLE
}

function pause(delayMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.after(delayMs, resolve))
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
