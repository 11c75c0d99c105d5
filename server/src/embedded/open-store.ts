import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createLogger } from '../kit/logger.ts'
import { CLUSTER_NAME } from './cluster.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'

/** Where the store is: `database` of the configuration. */
export type StorePlace =
  { readonly kind: 'url'; readonly url: { reveal(): string } } | { readonly kind: 'embedded'; readonly dataDir: string }

/** A store that commands work on. */
export interface OpenedStore {
  readonly url: string
  /** Stops what was started for it. */
  readonly letGo: () => Promise<void>
}

const LOG_LEVEL = 'fatal'

/**
 * Where the store of a server can be reached, whether that server is running or not: an embedded PostgreSQL that does not
 * run is started until it is let go. Rejects when there is none yet, unless it may be made.
 */
export async function openStore(
  database: StorePlace,
  { makes = false }: { readonly makes?: boolean } = {},
): Promise<OpenedStore> {
  if (database.kind === 'url') return { url: database.url.reveal(), letGo: () => Promise.resolve() }
  const dataDir = resolve(database.dataDir, 'postgres')
  const running = urlOfRunning(dataDir)
  if (running !== undefined) return { url: running, letGo: () => Promise.resolve() }
  if (!makes && !existsSync(dataDir)) throw new Error(`there is no database in ${database.dataDir}`)
  const server = await startEmbeddedPostgres({ dataDir, log: createLogger(LOG_LEVEL) })
  return { url: server.url, letGo: () => server.stop() }
}

/** The embedded PostgreSQL of a server that runs now: its socket and its password lie in its data directory. */
export function urlOfRunning(dataDir: string): string | undefined {
  if (!existsSync(join(dataDir, '.s.PGSQL.5432'))) return undefined
  const password = readFileSync(join(dataDir, `${CLUSTER_NAME}.password`), 'utf8').trim()
  return `postgres://${CLUSTER_NAME}:${password}@localhost/${CLUSTER_NAME}?host=${encodeURIComponent(dataDir)}`
}
