import type { BulkTx, Session } from '../db/db.ts'
import { migrateThrough } from '../db/migrate.ts'
import type { Migration } from '../db/migrations.ts'
import type { Clock } from '../kit/clock.ts'
import { BackupRefused } from './backup-refused.ts'
import type { Manifest, TablePart } from './manifest.ts'
import { readCompressed } from './part-file.ts'
import { RowsDigest } from './rows-digest.ts'
import { copyOutOf, MIGRATION_TABLE, quoted, readTables } from './store-reader.ts'
import { dropSchema, makeSchema, placeSequences } from './store-writer.ts'

export interface LoadOptions {
  readonly folder: string
  readonly manifest: Manifest
  /** What this program knows. */
  readonly migrations: readonly Migration[]
  /** Made for this; what was left in it by one that broke off goes. */
  readonly schema: string
  readonly clock: Clock
  readonly tell: (line: string) => void
  /** Reads every row again and compares it with what was backed up. */
  readonly rereads: boolean
}

/**
 * Loads a backup into a schema of its own and brings it to this program's state. The session's schema is that one
 * afterwards. Refuses a backup of a newer program, and one whose tables are not those of its migrations.
 */
export async function loadBackup(session: Session, options: LoadOptions): Promise<void> {
  const { manifest, schema, migrations, clock, tell } = options
  const known = migrationsOf(manifest, migrations)
  await dropSchema(session, schema)
  await makeSchema(session, schema)
  await session.query(`SET search_path = ${quoted(schema)}`)
  await migrateThrough(session, known, clock)
  await assertSameTables(session, options)
  for (const table of manifest.tables) {
    await session.transaction((tx) => loadTable(tx, table, options))
    tell(`${table.table}: ${table.rows} rows`)
  }
  await session.transaction((tx) => placeSequences(tx, schema, manifest.sequences))
  const missing = await migrateThrough(session, migrations, clock)
  if (missing.length > 0) tell(`migrated to this program: ${missing.join(', ')}`)
  await session.query('ANALYZE')
}

/** Those that the backup has, which are the first of ours. */
function migrationsOf(manifest: Manifest, migrations: readonly Migration[]): readonly Migration[] {
  const known = migrations.slice(0, manifest.migrations.length)
  for (const { tag, hash } of manifest.migrations) {
    const ours = known.find((migration) => migration.tag === tag)
    if (!ours)
      throw new BackupRefused(`the backup was made by a newer program (it has migration ${tag}); update the program`)
    if (ours.hash !== hash) throw new BackupRefused(`migration ${tag} differs from the one the backup was made with`)
  }
  return known
}

async function assertSameTables(session: Session, { manifest, schema }: LoadOptions): Promise<void> {
  const made = (await readTables(session, schema)).filter(({ table }) => table !== MIGRATION_TABLE)
  const named = (tables: readonly { readonly table: string; readonly columns: readonly string[] }[]): string =>
    tables
      .map(({ table, columns }) => `${table}(${[...columns].sort().join(',')})`)
      .sort()
      .join(' ')
  if (named(made) !== named(manifest.tables))
    throw new BackupRefused('the tables of the backup are not those that its migrations make')
}

async function loadTable(tx: BulkTx, part: TablePart, options: LoadOptions): Promise<void> {
  const { folder, schema } = options
  const name = `${quoted(schema)}.${quoted(part.table)}`
  // What migrations put there is in the backup, too.
  await tx.query(`TRUNCATE ${name}`)
  await tx.copyIn(`COPY ${name} (${part.columns.map(quoted).join(', ')}) FROM STDIN`, readCompressed(folder, part.file))
  const [counted] = await tx.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${name}`)
  if (counted?.rows !== part.rows)
    throw new BackupRefused(`${part.table} has ${counted?.rows} rows after loading, and had ${part.rows}`)
  if (options.rereads) await reread(tx, part, schema)
}

async function reread(tx: BulkTx, part: TablePart, schema: string): Promise<void> {
  const digest = new RowsDigest()
  for await (const chunk of tx.copyOut(copyOutOf(schema, part))) digest.add(chunk)
  if (digest.value !== part.rowsDigest) throw new BackupRefused(`rows of ${part.table} are not what they were`)
}
