import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
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
import { withAdmin } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL of this run; see postgres.ts. */
    readonly postgresUrl: string
  }
}

const PREFIX = 'hongyan-test-postgres-'
const DATA_DIR = 'postgres'

/** One real PostgreSQL for the run, with a migrated template database. Vitest calls what this returns at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepAbandoned()
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  const log = silentLogger()
  // Many test files at once, each with the pools of several nodes.
  const settings = { max_connections: '400' }
  const server = await startEmbeddedPostgres({ dataDir: join(folder, DATA_DIR), log, settings })
  const teardown = async (): Promise<void> => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await makeTemplate(server.url)
  } catch (err) {
    await teardown()
    throw err
  }
  project.provide('postgresUrl', server.url)
  return teardown
}

/** Migrates the database itself, which then is the template: nobody else is connected to it. */
async function makeTemplate(url: string): Promise<void> {
  await withAdmin(url, (lane) => lane.run('CREATE DATABASE template_hongyan'))
  const target = new URL(url)
  target.pathname = '/template_hongyan'
  const db = connect({
    url: target.href,
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
}

/** What runs that were killed have left: their PostgreSQL and their folder. Runs that live hold their lock. */
async function sweepAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    const folder = join(tmpdir(), name)
    const dataDir = join(folder, DATA_DIR)
    try {
      const lock = await lockDataDir(dataDir, systemClock, systemRandom)
      await endLeftovers(dataDir, { clock: systemClock, log: silentLogger() })
      lock.release()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    } catch {
      // In use, or another user's.
    }
  }
}
