import { Refused } from '@hongyan/protocol'

/** How keywords are asked for in SQL: `lower(text) LIKE ALL (…)`, or `ANY`. */
export type Match = 'all' | 'any'

/** Patterns for LIKE that find a keyword anywhere; what is special in a pattern stands for itself. */
export function patternsOf(keywords: readonly string[]): readonly string[] {
  return keywords.map((keyword) => `%${keyword.replaceAll(/[\\%_]/g, '\\$&')}%`)
}

/**
 * The same for a text inside JSON as we write it: whatever holds the keyword holds this in its JSON. So most messages are
 * passed over without being taken apart.
 */
export function jsonPatternsOf(keywords: readonly string[]): readonly string[] {
  return patternsOf(keywords.map((keyword) => JSON.stringify(keyword).slice(1, -1)))
}

/** What a cursor says: whole numbers from 0. A tag tells the cursors of different searches apart. */
export function cursorOf(tag: string, ...numbers: readonly number[]): string {
  return [tag, ...numbers].join('.')
}

/** The numbers of a cursor; undefined without one. Refuses BAD_REQUEST for one of another search, or of nobody's. */
export function numbersOf(cursor: string | undefined, tag: string, count: number): readonly number[] | undefined {
  if (cursor === undefined) return undefined
  const [found, ...parts] = cursor.split('.')
  const numbers = parts.map((part) => (/^\d{1,16}$/.test(part) ? Number(part) : Number.NaN))
  if (found !== tag || numbers.length !== count || !numbers.every(Number.isSafeInteger))
    throw new Refused('BAD_REQUEST')
  return numbers
}
