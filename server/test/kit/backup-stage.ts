import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { drillBackup, type DrillReport } from '../../src/backup/drill-backup.ts'
import { makeBackup } from '../../src/backup/make-backup.ts'
import type { Manifest } from '../../src/backup/manifest.ts'
import { restoreBackup, type Restored } from '../../src/backup/restore-backup.ts'
import { DiskBlobs } from '../../src/blobs/disk-blobs.ts'
import { openScratchOn } from '../../src/cli/scratch-database.ts'
import { connect, type Db } from '../../src/db/db.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { systemRandom } from '../../src/kit/random.ts'
import { withAdmin } from './admin-connection.ts'
import { urlOfDatabase } from './postgres.ts'

/** A pool as the commands have it. */
export function openDb(url: string, size = 2): Db {
  return connect({
    url,
    name: 'stage',
    size,
    statementDeadlineMs: 20_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
}

export function blobsIn(root: string): DiskBlobs {
  return new DiskBlobs({ root, random: systemRandom, clock: systemClock })
}

/** Folders, databases and pools for tests of backups; all go with it. */
export class BackupStage {
  readonly folder = mkdtempSync(join(tmpdir(), 'hongyan-backup-'))
  readonly #databases: string[] = []
  readonly #pools: Db[] = []

  path(name: string): string {
    return join(this.folder, name)
  }

  open(url: string, size?: number): Db {
    const db = openDb(url, size)
    this.#pools.push(db)
    return db
  }

  /** A database with nothing in it. */
  async emptyDatabase(): Promise<{ readonly name: string; readonly url: string }> {
    const name = `empty_${randomBytes(6).toString('hex')}`
    await withAdmin(inject('postgresUrl'), (lane) => lane.run(`CREATE DATABASE ${name} TEMPLATE template0`))
    this.#databases.push(name)
    return { name, url: urlOfDatabase(inject('postgresUrl'), name) }
  }

  async backUp(name: string, url: string, mediaDir: string, previous?: string): Promise<Manifest> {
    const db = openDb(url)
    try {
      return await makeBackup({
        folder: this.path(name),
        db,
        blobs: blobsIn(mediaDir),
        previous,
        program: 'test',
        clock: systemClock,
        tell: () => {},
      })
    } finally {
      await db.close()
    }
  }

  restore(
    name: string,
    db: Db,
    mediaDir: string,
    replaces?: string,
    tell: (line: string) => void = () => {},
  ): Promise<Restored> {
    return restoreBackup({
      folder: this.path(name),
      db,
      blobs: blobsIn(mediaDir),
      replaces,
      clock: systemClock,
      random: systemRandom,
      tell,
    })
  }

  drill(name: string): Promise<DrillReport> {
    return drillBackup({
      folder: this.path(name),
      openScratch: () => openScratchOn(inject('postgresUrl')),
      clock: systemClock,
      random: systemRandom,
    })
  }

  /** The same backup once more, to be spoiled. */
  copy(name: string, as: string): string {
    cpSync(this.path(name), this.path(as), { recursive: true })
    return this.path(as)
  }

  async remove(): Promise<void> {
    await Promise.all(this.#pools.map((db) => db.close()))
    for (const name of this.#databases) {
      await withAdmin(inject('postgresUrl'), (lane) => lane.run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** All rows of all tables, as texts, without the store's epoch. */
export async function rowsOf(db: Db): Promise<ReadonlyMap<string, readonly string[]>> {
  const tables = await db.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('store', 'migration') ORDER BY 1`,
  )
  const rows = new Map<string, readonly string[]>()
  for (const { name } of tables) {
    const found = await db.query<{ text: string }>(`SELECT x::text AS text FROM ${name} x ORDER BY 1`)
    rows.set(
      name,
      found.map(({ text }) => text),
    )
  }
  return rows
}
