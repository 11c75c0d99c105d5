import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

/** One migration as it lies in /drizzle. */
export interface Migration {
  readonly tag: string
  readonly hash: string
  readonly statements: readonly string[]
}

interface Journal {
  readonly entries: readonly { readonly idx: number; readonly tag: string }[]
}

const STATEMENT_END = '--> statement-breakpoint'

/** The same place from `src/db` and from `dist/db`. */
export const MIGRATIONS_DIR = fileURLToPath(new URL('../../../drizzle', import.meta.url))

/** All migrations this program knows, in order. */
export function readMigrations(dir: string = MIGRATIONS_DIR): readonly Migration[] {
  const journal = JSON.parse(readFileSync(join(dir, 'meta', '_journal.json'), 'utf8')) as Journal
  return [...journal.entries]
    .sort((a, b) => a.idx - b.idx)
    .map(({ tag }) => {
      const sql = readFileSync(join(dir, `${tag}.sql`), 'utf8')
      const statements = sql.split(STATEMENT_END).filter((statement) => statement.trim() !== '')
      return { tag, hash: createHash('sha256').update(sql).digest('hex'), statements }
    })
}
