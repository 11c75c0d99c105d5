import { StatementFailed } from './db-errors.ts'
import { readMigrations, type Migration } from './migrations.ts'
import type { Queryable } from './queryable.ts'

/** How a database and this program stand to each other; all empty when they are of the same version. */
export interface MigrationState {
  /** Tags that the program brings and the database has not got. */
  readonly missing: readonly string[]
  /** Tags that the database has and the program does not know: a newer program has been at work. */
  readonly foreign: readonly string[]
  /** Tags that both have, with other contents. */
  readonly changed: readonly string[]
}

const NO_SUCH_TABLE = '42P01'

/** Reads only; a database that was never migrated lacks everything. */
export async function readMigrationState(
  db: Queryable,
  migrations: readonly Migration[] = readMigrations(),
): Promise<MigrationState> {
  const applied = await readApplied(db)
  const hashes = new Map(migrations.map(({ tag, hash }) => [tag, hash]))
  return {
    missing: [...hashes.keys()].filter((tag) => !applied.has(tag)),
    foreign: [...applied.keys()].filter((tag) => !hashes.has(tag)),
    changed: [...applied].filter(([tag, hash]) => hashes.has(tag) && hashes.get(tag) !== hash).map(([tag]) => tag),
  }
}

async function readApplied(db: Queryable): Promise<ReadonlyMap<string, string>> {
  try {
    const rows = await db.query<{ tag: string; hash: string }>('SELECT tag, hash FROM migration ORDER BY tag')
    return new Map(rows.map(({ tag, hash }) => [tag, hash]))
  } catch (err) {
    if (err instanceof StatementFailed && err.code === NO_SUCH_TABLE) return new Map()
    throw err
  }
}
