import type { Db } from './db.ts'
import { StartRefused } from './start-refused.ts'

const MIN_VERSION = 160_000
/** Without each of these an acknowledged message can be lost (promise I1). */
const MUST_BE_ON = ['fsync', 'full_page_writes', 'synchronous_commit'] as const

/** Refuses a PostgreSQL that would lose what it has confirmed, is too old, or cannot hold every text. */
export async function assertFitToServe(db: Db): Promise<void> {
  const rows = await db.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings
      WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'server_version_num', 'server_encoding')`,
  )
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
  const version = Number(settings.get('server_version_num'))
  if (!(version >= MIN_VERSION)) {
    throw new StartRefused(`the database is PostgreSQL ${Math.floor(version / 10_000)}; 16 or newer is needed`)
  }
  for (const name of MUST_BE_ON) {
    const setting = settings.get(name)
    if (setting === 'off' || setting === 'local') {
      throw new StartRefused(
        `the database runs with ${name} = ${setting}: it could lose what it has confirmed; set it to on`,
      )
    }
  }
  if (settings.get('server_encoding') !== 'UTF8') {
    throw new StartRefused(
      `the database is encoded in ${settings.get('server_encoding')}; create it with ENCODING 'UTF8'`,
    )
  }
}
