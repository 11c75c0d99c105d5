import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { connect } from '../db/db.ts'
import { CLUSTER_NAME } from '../embedded/cluster.ts'
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import { systemClock } from '../kit/clock.ts'
import { createLogger } from '../kit/logger.ts'
import { systemRandom } from '../kit/random.ts'
import { AuditService, type AuditReport } from './audit-service.ts'

/** Where the store is: `database` of the configuration. */
export type StorePlace =
  { readonly kind: 'url'; readonly url: { reveal(): string } } | { readonly kind: 'embedded'; readonly dataDir: string }

const LOG_LEVEL = 'fatal'

/** Audits the store of a server, whether that server is running or not. */
export async function runAudit(place: StorePlace, places: number): Promise<AuditReport> {
  const { url, letGo } = await openStore(place)
  const db = connect({
    url,
    name: 'audit',
    size: 1,
    statementDeadlineMs: 10_000,
    clock: systemClock,
    random: systemRandom,
    logger: createLogger(LOG_LEVEL),
  })
  try {
    return await new AuditService({ db, random: systemRandom }).audit(places)
  } finally {
    await db.close()
    await letGo()
  }
}

async function openStore(database: StorePlace): Promise<{ readonly url: string; readonly letGo: () => Promise<void> }> {
  if (database.kind === 'url') return { url: database.url.reveal(), letGo: () => Promise.resolve() }
  const dataDir = resolve(database.dataDir, 'postgres')
  const running = urlOfRunning(dataDir)
  if (running !== undefined) return { url: running, letGo: () => Promise.resolve() }
  if (!existsSync(dataDir)) throw new Error(`there is no database in ${database.dataDir}`)
  const server = await startEmbeddedPostgres({ dataDir, log: createLogger(LOG_LEVEL) })
  return { url: server.url, letGo: () => server.stop() }
}

/** The embedded PostgreSQL of a server that runs now: its socket and its password lie in its data directory. */
function urlOfRunning(dataDir: string): string | undefined {
  if (!existsSync(join(dataDir, '.s.PGSQL.5432'))) return undefined
  const password = readFileSync(join(dataDir, `${CLUSTER_NAME}.password`), 'utf8').trim()
  return `postgres://${CLUSTER_NAME}:${password}@localhost/${CLUSTER_NAME}?host=${encodeURIComponent(dataDir)}`
}
