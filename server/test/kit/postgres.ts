import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'

/** A database of a test's own, with the schema and nothing in it. */
export interface TestDatabase {
  readonly url: string
  /** Ends connections that are still open, too. */
  drop(): Promise<void>
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's PostgreSQL, logged in as its owner. */
    postgresUrl: string
    /** The process id of its postmaster. */
    postgresPid: number
  }
}

/** Databases are cloned from this one, which has the migrations applied. */
export const TEMPLATE = 'template_hongyan'

/** Clones the template. Databases that were not dropped end with the run. */
export async function createDatabase(): Promise<TestDatabase> {
  const adminUrl = inject('postgresUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  await runStatement(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`)
  return {
    url: urlOfDatabase(adminUrl, name),
    drop: () => runStatement(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

/** The same server and role, another database. */
export function urlOfDatabase(adminUrl: string, name: string): string {
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return url.href
}

/** Runs one statement over a connection of its own. */
export async function runStatement(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false, connect_timeout: 10, onnotice: () => {} })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
