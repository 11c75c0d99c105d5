import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { connect } from '../../src/db/db.ts'
import { migrate } from '../../src/db/migrate.ts'
import { lockDataDir } from '../../src/embedded/data-dir-lock.ts'
import { startEmbeddedPostgres } from '../../src/embedded/embedded-postgres.ts'
import { endLeftovers } from '../../src/embedded/leftovers.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { systemRandom } from '../../src/kit/random.ts'
import { withAdmin } from './admin-connection.ts'
import { TEMPLATE, urlOfDatabase } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL of this run, logged in as its owner; see postgres.ts. */
    readonly postgresUrl: string
  }
}

const PREFIX = 'hongyan-test-postgres-'
const DATA_DIR = 'postgres'
/** Many test files at once, each with the pools of several nodes. */
const SETTINGS = { max_connections: '400' }
/** A folder this young may be one that another run is just about to lock. */
const SURELY_LOCKED_AFTER_MS = 60_000

interface RunDatabase {
  readonly url: string
  stop(): Promise<void>
}

interface Shared {
  users: number
  readonly database: Promise<RunDatabase>
}

/** The projects of a run load this file each for itself, and share one server through this. */
const run = globalThis as { hongyanTestDatabase?: Shared | undefined }

/** One real PostgreSQL for the run, with a migrated template database. Vitest calls what this returns at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (run.hongyanTestDatabase ??= { users: 0, database: startRunDatabase() })
  shared.users += 1
  const database = await shared.database
  project.provide('postgresUrl', database.url)
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    run.hongyanTestDatabase = undefined
    await database.stop()
  }
}

async function startRunDatabase(): Promise<RunDatabase> {
  await sweepAbandoned()
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const server = await startEmbeddedPostgres({
      dataDir: join(folder, DATA_DIR),
      log: silentLogger(),
      settings: SETTINGS,
    })
    const end = (): void => {
      endNow(server.pid)
      remove()
    }
    process.once('exit', end)
    const stop = async (): Promise<void> => {
      await server.stop()
      process.off('exit', end)
      remove()
    }
    await makeTemplate(server.url).catch(async (err: unknown) => {
      await stop()
      throw err
    })
    return { url: server.url, stop }
  } catch (err) {
    remove()
    throw err
  }
}

async function makeTemplate(url: string): Promise<void> {
  await withAdmin(url, (lane) => lane.run(`CREATE DATABASE ${TEMPLATE}`))
  const db = connect({
    url: urlOfDatabase(url, TEMPLATE),
    name: 'template',
    size: 1,
    statementDeadlineMs: 20_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  try {
    await migrate(db)
  } finally {
    await db.close()
  }
  // It can be copied only while nobody is connected to it.
  await withAdmin(url, (lane) => lane.run(`ALTER DATABASE ${TEMPLATE} WITH ALLOW_CONNECTIONS false`))
}

/** What runs that were killed have left: their PostgreSQL and their folder. Runs that live hold their lock. */
async function sweepAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name)
    if (!name.startsWith(PREFIX) || !isOldAndOurs(folder)) continue
    try {
      await endAbandoned(join(folder, DATA_DIR))
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    } catch {
      // It is in use.
    }
  }
}

async function endAbandoned(dataDir: string): Promise<void> {
  const lock = await lockDataDir(dataDir, systemClock, systemRandom)
  try {
    if (existsSync(dataDir)) await endLeftovers(dataDir, { clock: systemClock, log: silentLogger() })
  } finally {
    lock.release()
  }
}

function isOldAndOurs(folder: string): boolean {
  const found = statSync(folder, { throwIfNoEntry: false })
  return found?.uid === process.getuid?.() && Date.now() - (found?.birthtimeMs ?? Infinity) > SURELY_LOCKED_AFTER_MS
}

/** The last resort, where there is no time left to wait: what is removed need not be shut down cleanly. */
function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // It has ended already.
  }
}
