import type { Migration } from './migrations.ts'

/**
 * What a migration may do while programs of the version before still serve on the database: add, and nothing else. What is
 * no longer needed is taken away by a later version, when no program is left that uses it. The first line of a file says
 * which sort it is:
 *
 *   -- hongyan: online            adds; in one transaction; never holds a lock for longer than its catalogue change takes
 *   -- hongyan: aside             builds indexes CONCURRENTLY, outside a transaction, and nothing else
 *   -- hongyan: contract 0.2.0    takes away what programs of this version and later do not use
 */
export type MigrationMark = 'online' | 'aside' | 'contract'

/** Released before there were marks, and never run on a database that is served. */
const UNMARKED = new Set(['0000_foundations', '0001_groups'])
const MARK = /^-- hongyan: (?:(online|aside)|(contract) \d+\.\d+\.\d+)\s*$/m
const NAME = String.raw`(?:"[^"]+"|[a-z_][a-z0-9_]*)`
const INDEX_ASIDE = new RegExp(
  String.raw`^create (?:unique )?index concurrently (?:if not exists )?(${NAME}) on (?:only )?(${NAME})`,
  'i',
)
const CREATE_TABLE = new RegExp(String.raw`^create table (?:if not exists )?(${NAME})`, 'i')
const CREATE_INDEX = new RegExp(String.raw`^create (?:unique )?index (?:if not exists )?${NAME} on (${NAME})`, 'i')
const ALTER_TABLE = new RegExp(String.raw`^alter table (?:only )?(${NAME}) (.*)$`, 'is')
const INSERT = new RegExp(String.raw`^insert into (${NAME}) .*values`, 'is')

/** The mark in the file's first line. */
export function markOf({ statements }: Pick<Migration, 'statements'>): MigrationMark | undefined {
  const [, plain, contract] = MARK.exec((statements[0] ?? '').trimStart().split('\n', 1)[0] ?? '') ?? []
  if (contract !== undefined) return 'contract'
  return plain === 'online' || plain === 'aside' ? plain : undefined
}

/** True for one that is to be run outside a transaction. */
export function isBuiltAside(migration: Pick<Migration, 'statements'>): boolean {
  return markOf(migration) === 'aside'
}

/** The index that a statement of such a migration builds, as SQL writes it. */
export function indexOf(statement: string): string {
  const name = INDEX_ASIDE.exec(bare(statement))?.[1]
  if (name === undefined) throw new Error('only CREATE INDEX CONCURRENTLY may stand in a migration marked "aside"')
  return name
}

/** Why a migration must not run beside the program of the version before; nothing when it may. */
export function problemsOf(migration: Pick<Migration, 'tag' | 'statements'>): readonly string[] {
  const { tag, statements } = migration
  if (UNMARKED.has(tag)) return []
  const mark = markOf(migration)
  if (mark === undefined) return [`${tag}: its first line is none of the marks in migration-rules.ts`]
  const made = new Set(statements.flatMap((statement) => CREATE_TABLE.exec(bare(statement))?.[1] ?? []))
  const reasonOf = { online: onlineReason, aside: asideReason, contract: contractReason }[mark]
  return statements.flatMap((statement) => {
    const reason = reasonOf(bare(statement), made)
    return reason === undefined ? [] : [`${tag}: ${reason}: ${bare(statement).slice(0, 100)}`]
  })
}

function asideReason(statement: string): string | undefined {
  return INDEX_ASIDE.test(statement) ? undefined : 'only CREATE INDEX CONCURRENTLY is built aside'
}

/** Taking away is quick; what reads or rewrites a table is not, and what is new to old programs is not for here. */
function contractReason(statement: string, made: ReadonlySet<string>): string | undefined {
  if (/^drop (table|index) /i.test(statement)) return undefined
  const [, , change] = ALTER_TABLE.exec(statement) ?? []
  if (change !== undefined && /^(drop column|drop constraint|alter column "?\w+"? drop)/i.test(change)) return undefined
  return onlineReason(statement, made)
}

function onlineReason(statement: string, made: ReadonlySet<string>): string | undefined {
  if (CREATE_TABLE.test(statement)) return undefined
  const [, indexed] = CREATE_INDEX.exec(statement) ?? []
  if (/^create (unique )?index concurrently/i.test(statement)) return 'it cannot be in a transaction; mark it "aside"'
  if (indexed !== undefined)
    return made.has(indexed) ? undefined : 'writers wait while it is built; build it CONCURRENTLY, aside'
  const [, altered = '', change] = ALTER_TABLE.exec(statement) ?? []
  if (change !== undefined) return made.has(altered) ? undefined : alterReason(change)
  if (INSERT.test(statement) || /^comment on /i.test(statement)) return undefined
  return 'it is none of the statements that are known to be quick'
}

function alterReason(change: string): string | undefined {
  if (/^set \(/i.test(change)) return undefined
  if (/^add column /i.test(change)) return addedReason(change)
  if (/^alter column \S+ set default /i.test(change)) return undefined
  if (/^alter column \S+ drop not null$/i.test(change)) return undefined
  if (/^add constraint .* not valid$/i.test(change)) return undefined
  if (/^validate constraint /i.test(change)) return undefined
  return 'it rewrites or reads the whole table, or the program before would fail on it'
}

/** A constant default is noted in the catalogue; any other is written into each row. */
function addedReason(change: string): string | undefined {
  if (/ generated | primary key| unique| references /i.test(change)) return 'it rewrites or reads the whole table'
  const fallback = / default (.+?)(?: not null)?$/i.exec(change)?.[1]
  if (fallback === undefined) return / not null/i.test(change) ? 'rows that are there have no value for it' : undefined
  const isConstant = /^(-?\d+|true|false|null|'[^']*')(::[a-z ]+(\[\])?)?$/i.test(fallback)
  return isConstant ? undefined : 'its default is not a constant: all rows are rewritten'
}

/** Without comments, and on one line. */
function bare(statement: string): string {
  return statement
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/;$/, '')
    .trim()
}
