import type { Config } from '../config/config.ts'
import { connect, type Db } from '../db/db.ts'
import { openStore } from '../embedded/open-store.ts'
import { systemClock } from '../kit/clock.ts'
import { createLogger } from '../kit/logger.ts'
import { systemRandom } from '../kit/random.ts'

/** One for a session, and one beside it. */
const CONNECTIONS = 2
const STATEMENT_DEADLINE_MS = 60_000

/** A few connections for a command. */
export function openPool(url: string, name: string): Db {
  return connect({
    url,
    name,
    size: CONNECTIONS,
    statementDeadlineMs: STATEMENT_DEADLINE_MS,
    clock: systemClock,
    random: systemRandom,
    logger: createLogger('fatal'),
  })
}

/** Runs a command's work on the store of the configuration, whether its server runs or not. */
export async function withStore<T>(
  { database }: Pick<Config, 'database'>,
  options: { readonly name: string; readonly makes?: boolean },
  work: (db: Db) => Promise<T>,
): Promise<T> {
  const store = await openStore(database, { makes: options.makes ?? false })
  const db = openPool(store.url, options.name)
  try {
    return await work(db)
  } finally {
    await db.close()
    await store.letGo()
  }
}
