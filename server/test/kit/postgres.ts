import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { withAdmin } from './admin-connection.ts'

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
