import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Db } from '../db/db.ts'
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import { createLogger } from '../kit/logger.ts'
import { systemRandom } from '../kit/random.ts'
import { openPool } from './store-pool.ts'

/** A database that nobody uses, and how it goes away again. */
export interface Scratch {
  readonly db: Db
  readonly remove: () => Promise<void>
}

const PREFIX = 'hongyan-drill-'
const DEADLINE_MS = 60_000

/** A PostgreSQL of its own in a folder of its own; nothing else is touched. */
export async function openEmbeddedScratch(below: string = tmpdir()): Promise<Scratch> {
  const folder = mkdtempSync(join(below, PREFIX))
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: createLogger('fatal') })
    const db = openPool(server.url, 'drill')
    return {
      db,
      remove: async () => {
        await db.close()
        await server.stop()
        removeFolder()
      },
    }
  } catch (err) {
    removeFolder()
    throw err
  }
}

/** A further database of a server; its user must be allowed to make one. */
export async function openScratchOn(serverUrl: string): Promise<Scratch> {
  const name = `hongyan_drill_${systemRandom
    .id()
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .toLowerCase()}`
  const admin = openPool(serverUrl, 'drill')
  const alone = (statement: string): Promise<unknown> =>
    admin.session((session) => session.query(statement), { deadlineMs: DEADLINE_MS })
  try {
    await alone(`CREATE DATABASE ${name} TEMPLATE template0`)
  } catch (err) {
    await admin.close()
    throw err
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const db = openPool(url.href, 'drill')
  return {
    db,
    remove: async () => {
      await db.close()
      try {
        await alone(`DROP DATABASE ${name} WITH (FORCE)`)
      } finally {
        await admin.close()
      }
    },
  }
}
