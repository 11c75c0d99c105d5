import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { connect } from '../../src/db/db.ts'
import { migrate } from '../../src/db/migrate.ts'
import { lockDataDir } from '../../src/embedded/data-dir-lock.ts'
import { startEmbeddedPostgres } from '../../src/embedded/embedded-postgres.ts'
import { endLeftovers } from '../../src/embedded/leftovers.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { createLogger, silentLogger } from '../../src/kit/logger.ts'
import { systemRandom } from '../../src/kit/random.ts'
import { runStatement, TEMPLATE, urlOfDatabase } from './postgres.ts'

const PREFIX = 'hongyan-test-postgres-'
/** Test files run at the same time, each with the pools of several nodes. */
const MAX_CONNECTIONS = 300
/** A folder this young may be one that another run is just about to lock. */
const SURELY_LOCKED_AFTER_MS = 60_000
const START_ATTEMPTS = 5

interface RunDatabase {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

interface Shared {
  users: number
  readonly database: Promise<RunDatabase>
}

/** The projects of a run load this file each for itself, and share one server through this. */
const run = globalThis as { hongyanTestDatabase?: Shared | undefined }

/** Starts the run's PostgreSQL: real, durable, in a folder of its own, with a template that has the schema. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (run.hongyanTestDatabase ??= { users: 0, database: startRunDatabase() })
  shared.users += 1
  const { url, pid } = await shared.database
  project.provide('postgresUrl', url)
  project.provide('postgresPid', pid)
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    run.hongyanTestDatabase = undefined
    await (await shared.database).stop()
  }
}

async function startRunDatabase(): Promise<RunDatabase> {
  await removeAbandoned()
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  try {
    const database = await startOnFreePort(join(folder, 'postgres'))
    const killOnExit = (): void => killNow(database.pid, folder)
    process.once('exit', killOnExit)
    const stop = async (): Promise<void> => {
      await database.stop()
      process.off('exit', killOnExit)
      rmSync(folder, { recursive: true, force: true })
    }
    try {
      await createTemplate(database.url)
    } catch (err) {
      await stop()
      throw err
    }
    return { url: database.url, pid: database.pid, stop }
  } catch (err) {
    rmSync(folder, { recursive: true, force: true })
    throw err
  }
}

/** Over TCP, so that a test may put a faulty proxy in between. */
async function startOnFreePort(dataDir: string): Promise<RunDatabase> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const settings = { listen_addresses: '127.0.0.1', port: String(port), max_connections: String(MAX_CONNECTIONS) }
    try {
      const server = await startEmbeddedPostgres({ dataDir, log: createLogger('error'), settings })
      const url = new URL(server.url)
      url.search = ''
      url.host = `127.0.0.1:${port}`
      return { url: url.href, pid: server.pid, stop: () => server.stop() }
    } catch (err) {
      // Somebody else may have taken the port between our look and the start.
      if (attempt === START_ATTEMPTS) throw err
    }
  }
}

async function createTemplate(url: string): Promise<void> {
  await runStatement(url, `CREATE DATABASE ${TEMPLATE}`)
  const db = connect({
    url: urlOfDatabase(url, TEMPLATE),
    name: 'template',
    size: 1,
    statementDeadlineMs: 30_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  try {
    await migrate(db)
  } finally {
    await db.close()
  }
  // From now on it is only copied, and copying needs it free of connections.
  await runStatement(url, `ALTER DATABASE ${TEMPLATE} WITH ALLOW_CONNECTIONS false`)
}

/** What earlier runs that were killed have left, servers included. A run that lives holds the lock on its folder. */
async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name)
    if (!name.startsWith(PREFIX) || !isOldAndOurs(folder)) continue
    const dataDir = join(folder, 'postgres')
    try {
      const lock = await lockDataDir(dataDir, systemClock)
      await endLeftovers(dataDir, { clock: systemClock, log: silentLogger() })
      await lock.release()
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // It is in use; or the run that finds it next has better luck.
    }
  }
}

function isOldAndOurs(folder: string): boolean {
  const found = statSync(folder, { throwIfNoEntry: false })
  return found?.uid === process.getuid?.() && Date.now() - (found?.mtimeMs ?? Infinity) > SURELY_LOCKED_AFTER_MS
}

/** The last resort, where there is no time left to wait: what is removed need not be shut down cleanly. */
function killNow(pid: number, folder: string): void {
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // It has ended already.
  }
  rmSync(folder, { recursive: true, force: true })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
