import type { Blobs } from '../blobs/blobs.ts'
import { isConflict } from '../db/db-errors.ts'
import { DatabaseBusy, type Db, type Session } from '../db/db.ts'
import { takeMigrationLock } from '../db/migrate.ts'
import { readMigrations } from '../db/migrations.ts'
import { restoringSchema } from '../db/restore-mark.ts'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { BackupRefused } from './backup-refused.ts'
import { checkStore } from './check-store.ts'
import { loadBackup } from './load-backup.ts'
import type { Manifest } from './manifest.ts'
import { restoreMedia } from './media-copy.ts'
import { quoted, readSchema, readSequences, readTables } from './store-reader.ts'
import { dropSchema, leaveOutKeys, replaceTables, rotateEpoch } from './store-writer.ts'
import { verifyBackup } from './verify-backup.ts'

export interface RestoreOptions {
  readonly folder: string
  readonly db: Db
  /** Where the files' content goes. */
  readonly blobs: Blobs
  /** The name of the database whose tables may be replaced; undefined for one that must be empty. */
  readonly replaces: string | undefined
  readonly clock: Clock
  readonly random: Random
  readonly tell: (line: string) => void
}

export interface Restored {
  readonly manifest: Manifest
  /** Of the store as it is now. */
  readonly epoch: string
}

const DEADLINE_MS = 24 * 3_600_000
/** Shorter than PostgreSQL waits before it looks for a deadlock: whoever is in the way is let pass, and not broken off. */
const SWAP_LOCK_MS = 500
/** Now and then longer: PostgreSQL's own vacuuming gives way only to who has waited for a second. */
const LONG_SWAP_LOCK_MS = 1_500
const LONG_EVERY = 3
const SWAP_TRIES = 60
const SWAP_PAUSE_MS = 250

/**
 * Puts a backup in the place of what is in a database. Everything is verified, loaded and checked beside it first; what is
 * served changes in the last transaction, and with it the store's epoch, so that no device and no node takes the one for
 * the other. Broken off before that, it leaves the database as it was, and a mark: no server starts on it until the
 * restore has been run to its end or was abandoned. Refuses with BackupRefused.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { folder, db, blobs, random, tell } = options
  const { manifest, problems } = await verifyBackup(folder)
  if (problems.length > 0) throw new BackupRefused(`the backup is damaged: ${problems.join('; ')}`)
  tell(`the backup of ${manifest.takenAt} is whole`)
  return db.session(
    async (session) => {
      const target = await readSchema(session)
      const schema = restoringSchema(target)
      await assertMayReplace(session, target, options.replaces)
      await takeMigrationLock(session, options.clock)
      const migrations = readMigrations()
      await loadBackup(session, { folder, manifest, schema, migrations, clock: options.clock, tell, rereads: false })
      const wrong = (await checkStore(session, random)).filter(({ breaches }) => breaches > 0)
      if (wrong.length > 0)
        throw new BackupRefused(
          wrong.map(({ name, examples }) => `not so: ${name} (${examples.join('; ')})`).join('; '),
        )
      tell('what was loaded is right')
      if (manifest.media.kind === 'included') tell(`files: ${await restoreMedia(folder, blobs)}`)
      const epoch = await putInPlace(session, { target, schema, manifest, replaces: options.replaces }, options.clock)
      return { manifest, epoch }
    },
    { deadlineMs: DEADLINE_MS },
  )
}

/** Removes what a restore that broke off has left. The database is again what it was before. False when there was nothing. */
export async function abandonRestore(db: Db): Promise<boolean> {
  return db.session(
    async (session) => {
      const schema = restoringSchema(await readSchema(session))
      const [row] = await session.query<{ is: boolean }>('SELECT to_regnamespace(quote_ident($1)) IS NOT NULL AS is', [
        schema,
      ])
      if (row?.is !== true) return false
      await dropSchema(session, schema)
      return true
    },
    { deadlineMs: DEADLINE_MS },
  )
}

async function assertMayReplace(session: Session, schema: string, replaces: string | undefined): Promise<void> {
  const tables = await readTables(session, schema)
  if (tables.length === 0) return
  const [row] = await session.query<{ name: string }>('SELECT current_database() AS name')
  if (row?.name === replaces) return
  throw new BackupRefused(
    replaces === undefined
      ? `the database is not empty; to replace what is in it say --replace ${row?.name}`
      : `the database is called ${row?.name}, not ${replaces}`,
  )
}

/** What was loaded into one schema, and where it belongs. */
export interface Swap {
  readonly target: string
  readonly schema: string
  readonly manifest: Manifest
  readonly replaces: string | undefined
}

/**
 * The last step: puts what was loaded in its place, and rotates the epoch in the same transaction. Returns the new one. The
 * locks are asked for briefly, since all who use the store wait behind; then they are let pass.
 */
export async function putInPlace(session: Session, swap: Swap, clock: Clock): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await swapIn(session, swap, attempt % LONG_EVERY === 0 ? LONG_SWAP_LOCK_MS : SWAP_LOCK_MS)
    } catch (err) {
      const isInTheWay = err instanceof DatabaseBusy || isConflict(err)
      if (!isInTheWay || attempt === SWAP_TRIES) throw err
      await new Promise<void>((resolve) => void clock.after(SWAP_PAUSE_MS, resolve))
    }
  }
}

function swapIn(session: Session, { target, schema, manifest, replaces }: Swap, lockMs: number): Promise<string> {
  return session.transaction(async (tx) => {
    await tx.query(`SET LOCAL lock_timeout = ${lockMs}`)
    const old = (await readTables(tx, target)).map(({ table }) => table)
    if (old.length > 0 && replaces === undefined)
      throw new BackupRefused('the database was empty when the restore began, and is not any more')
    const fresh = (await readTables(tx, schema)).map(({ table }) => table)
    await leaveOutKeys(tx, schema, furthest(await readSequences(tx, target), manifest.sequences))
    const epoch = await rotateEpoch(tx, schema)
    await replaceTables(tx, { schema, tables: fresh }, { schema: target, tables: old })
    await tx.query(`SET LOCAL search_path = ${quoted(target)}`)
    return epoch
  })
}

/** Of each sequence that the backup knows, the place that is further on. */
function furthest(old: Manifest['sequences'], backedUp: Manifest['sequences']): Manifest['sequences'] {
  return backedUp.map((place) => {
    const same = old.find(({ table, column }) => table === place.table && column === place.column)
    return { ...place, last: Math.max(place.last, same?.last ?? 0) }
  })
}
