import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { parseConnectionUrl } from '../../src/db/connection-target.ts'
import { Lane } from '../../src/db/lane.ts'
import { systemClock } from '../../src/kit/clock.ts'

/** Databases are copies of this one. */
export const TEMPLATE = 'template_hongyan'

/** A database of a test's own. */
export interface TestDatabase {
  readonly url: string
  /** Ends the connections that are left and removes it. */
  drop(): Promise<void>
}

/** A fresh, migrated database on the PostgreSQL of this run. */
export async function createDatabase(): Promise<TestDatabase> {
  const adminUrl = inject('postgresUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  await withAdmin(adminUrl, (lane) => lane.run(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`))
  return {
    url: urlOfDatabase(adminUrl, name),
    drop: async () => {
      await withAdmin(adminUrl, (lane) => lane.run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    },
  }
}

/** The same server and role, another database. */
export function urlOfDatabase(adminUrl: string, name: string): string {
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return url.href
}

/** A connection that may do what a pool's may not: create and drop databases, end other connections. */
export async function withAdmin<T>(url: string, work: (lane: Lane) => Promise<T>): Promise<T> {
  const target = parseConnectionUrl(url)
  const lane = await Lane.open({
    target,
    name: 'test admin',
    connectDeadlineMs: 5_000,
    statementTimeoutMs: 60_000,
    clock: systemClock,
  })
  try {
    await lane.run('SET default_transaction_read_only = off')
    return await work(lane)
  } finally {
    await lane.end()
  }
}
