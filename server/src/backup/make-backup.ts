import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Blobs } from '../blobs/blobs.ts'
import type { BulkTx, Db } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import { BackupRefused } from './backup-refused.ts'
import {
  BACKUP_FORMAT,
  MANIFEST_FILE,
  MANIFEST_HASH_FILE,
  UNFINISHED_FILE,
  type Manifest,
  type MediaPart,
  type TablePart,
} from './manifest.ts'
import { copyMedia, WANTED_FILE } from './media-copy.ts'
import { compressed, syncFolders, writePart } from './part-file.ts'
import { RowsDigest } from './rows-digest.ts'
import {
  copyOutOf,
  MIGRATION_TABLE,
  quoted,
  readMigrationsApplied,
  readSchema,
  readSequences,
  readStore,
  readTables,
  type TableShape,
} from './store-reader.ts'

export interface BackupOptions {
  /** Where it goes: a folder that is not there yet, or is empty. */
  readonly folder: string
  readonly db: Db
  /** Where the files' content is; undefined leaves it out. */
  readonly blobs: Blobs | undefined
  /** An earlier backup, from which files are linked that have not changed. */
  readonly previous?: string | undefined
  /** The version of this program. */
  readonly program: string
  readonly clock: Clock
  /** Hears, in a line each, what is being done. */
  readonly tell: (line: string) => void
}

const OWNER_ONLY_FOLDER = 0o700
/** A big store on a slow disk; the connection's own deadline stays far beyond it. */
const DEADLINE_MS = 24 * 3_600_000
const UNFINISHED_TEXT =
  'This backup is being made, or its making broke off. It cannot be restored; delete it and make another.\n'

/**
 * Makes a backup of a store, whether a server runs on it or not: all tables as of one moment, and the content of all files
 * that they name. The manifest is written last; until then the folder says that it is not finished. Rejects with
 * BackupRefused when it cannot be whole.
 */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const { folder, db, blobs } = options
  await begin(folder)
  const snapshot = await db.session((session) => session.transaction((tx) => copyTables(tx, options)), {
    deadlineMs: DEADLINE_MS,
  })
  const media: MediaPart = blobs
    ? await copyMedia(folder, { ...options, blobs }, options.previous)
    : { kind: 'left-out' }
  const manifest: Manifest = { format: BACKUP_FORMAT, program: options.program, ...snapshot, media }
  await finish(folder, manifest)
  return manifest
}

async function begin(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER })
  if ((await readdir(folder)).length > 0)
    throw new BackupRefused(`${folder} is not empty; each backup goes into a folder of its own`)
  await writePart(folder, UNFINISHED_FILE, single(UNFINISHED_TEXT))
}

async function copyTables(
  tx: BulkTx,
  { folder, blobs, tell }: BackupOptions,
): Promise<Omit<Manifest, 'format' | 'program' | 'media'>> {
  // The first statement: what is read from now on is of the moment of the second.
  await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
  const store = await readStore(tx)
  if (!store) throw new BackupRefused('there is no store in this database: nothing to back up')
  const schema = await readSchema(tx)
  const migrations = await readMigrationsApplied(tx)
  const tables: TablePart[] = []
  for (const shape of await readTables(tx, schema)) {
    if (shape.table === MIGRATION_TABLE) continue
    const part = await copyTable(tx, folder, schema, shape)
    tell(`${part.table}: ${part.rows} rows`)
    tables.push(part)
  }
  if (blobs) {
    const wanted = `COPY (SELECT DISTINCT hash FROM ${quoted(schema)}.file_blob ORDER BY hash) TO STDOUT`
    await writePart(folder, WANTED_FILE, tx.copyOut(wanted))
  }
  const sequences = await readSequences(tx, schema)
  return {
    takenAt: store.takenAt.toISOString(),
    postgres: store.postgres,
    epoch: store.epoch,
    migrations,
    tables,
    sequences,
  }
}

async function copyTable(tx: BulkTx, folder: string, schema: string, shape: TableShape): Promise<TablePart> {
  const digest = new RowsDigest()
  async function* noted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of tx.copyOut(copyOutOf(schema, shape))) {
      digest.add(chunk)
      yield chunk
    }
  }
  const part = await writePart(folder, `tables/${shape.table}.copy.gz`, compressed(noted()))
  return { ...part, ...shape, rows: digest.rows, rowsDigest: digest.value }
}

/** Everything else is durable before the manifest appears. */
async function finish(folder: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  const sha256 = createHash('sha256').update(text).digest('hex')
  await writePart(folder, MANIFEST_HASH_FILE, single(`${sha256}  ${MANIFEST_FILE}\n`))
  await writePart(folder, `${MANIFEST_FILE}.new`, single(text))
  await syncFolders(folder)
  await rename(join(folder, `${MANIFEST_FILE}.new`), join(folder, MANIFEST_FILE))
  await rm(join(folder, UNFINISHED_FILE))
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* single(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text))
}
