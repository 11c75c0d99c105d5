import type { Queryable } from './queryable.ts'
import { StartRefused } from './start-refused.ts'

/** The schema into which a backup is loaded, beside the one that is served. It is there while a restore is under way, or has broken off. */
export function restoringSchema(schema: string): string {
  return `restoring_${schema}`
}

/** Refuses a database into which a backup was begun to be restored, and is not. */
export async function assertNoRestoreUnderWay(db: Queryable): Promise<void> {
  const [row] = await db.query<{ schema: string | null; is: boolean }>(
    `SELECT current_schema() AS schema,
            to_regnamespace(quote_ident('restoring_' || current_schema())) IS NOT NULL AS is`,
  )
  if (row?.is !== true) return
  throw new StartRefused(
    'a restore into this database is under way, or broke off: let it end, run hongyan restore again, or give it up with hongyan restore --abandon',
  )
}
