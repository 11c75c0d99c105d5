import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConnectionUrl } from '../../server/src/db/connection-target.ts'
import { Lane } from '../../server/src/db/lane.ts'
import { startEmbeddedPostgres } from '../../server/src/embedded/embedded-postgres.ts'
import { systemClock } from '../../server/src/kit/clock.ts'
import { silentLogger } from '../../server/src/kit/logger.ts'

/** The server has a superuser and a database of the name in the script already. */
export const ROLE = 'district'

const CONNECT_MS = 5_000
const STATEMENT_MS = 60_000

export interface Database {
  stop(): Promise<void>
}

export interface DatabaseOptions {
  readonly root: string
  readonly folder: string
  /** A loopback address; the port is 5432. */
  readonly address: string
}

/** A PostgreSQL over TCP with the role and the database of deploy/postgres/10-hongyan.sql, which no superuser owns. */
export async function startDatabase({ root, folder, address }: DatabaseOptions): Promise<Database> {
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    log: silentLogger(),
    settings: { listen_addresses: address, max_connections: '200' },
  })
  try {
    await runOnce(server.url, join(root, 'deploy/postgres/10-hongyan.sql'), join(folder, 'secrets'))
  } catch (err) {
    await server.stop()
    throw err
  }
  return server
}

/** psql would do the same; it is not everywhere. */
async function runOnce(url: string, script: string, secrets: string): Promise<void> {
  const password = readFileSync(join(secrets, 'database_password.txt'), 'utf8').trim()
  const text = readFileSync(script, 'utf8')
    .replaceAll(/^(--|\\).*$/gm, '')
    .replaceAll(":'password'", `'${password}'`)
    .replaceAll(/\bhongyan\b/g, ROLE)
  const lane = await Lane.open({
    target: parseConnectionUrl(url),
    name: 'topology',
    connectDeadlineMs: CONNECT_MS,
    statementTimeoutMs: STATEMENT_MS,
    clock: systemClock,
  })
  try {
    await lane.run('SET default_transaction_read_only = off')
    for (const statement of text.split(';').filter((part) => part.trim() !== '')) await lane.run(statement)
  } finally {
    await lane.end()
  }
}
