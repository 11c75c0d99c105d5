import { cursorOf } from './keyword-rules.ts'

/** The row of a list that was walked, and how far the walk came. */
export interface WalkedRow {
  /** Where this row stands; null where nothing was found. */
  readonly place: readonly number[] | null
  /** Rows that were found in the walk, those for which there was no room among them. */
  readonly count: number
  /** The last place the walk came to; null when it came to the end. */
  readonly edge: readonly number[] | null
}

export interface ListPage<Row> {
  readonly rows: readonly Row[]
  readonly total: number
  readonly next?: string
}

/**
 * A page of a list: what was found, and the cursor with which the search goes on, behind the last row when there was no
 * room for more, else behind what was walked. `before` have been found on earlier pages.
 */
export function listPage<Row extends WalkedRow>(tag: string, found: readonly Row[], before: number): ListPage<Row> {
  const rows = found.filter(({ place }) => place !== null)
  const { count = 0, edge = null } = found[0] ?? {}
  const goesOn = count > rows.length ? (rows.at(-1)?.place ?? null) : edge
  const page = { rows, total: before + count }
  return goesOn === null ? page : { ...page, next: cursorOf(tag, ...goesOn, before + rows.length) }
}
