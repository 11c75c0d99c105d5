import { isObject, isTextList } from '../validation.ts'

/** Those that are named; all when none is. */
export function pick<Value>(
  all: Readonly<Record<string, Value>>,
  keys: readonly string[] | null | undefined,
): Record<string, Value> {
  const isAsked = ([key]: [string, Value]): boolean => !keys || keys.length === 0 || keys.includes(key)
  return Object.fromEntries(Object.entries(all).filter(isAsked))
}

/** To set nothing is a mistake, unless it takes the place of what there was. */
export function hasOnly(type: 'string' | 'number', values: unknown, mayBeEmpty = false): boolean {
  if (!isObject(values) || Array.isArray(values)) return false
  const all = Object.values(values)
  return (mayBeEmpty || all.length > 0) && all.every((value) => typeof value === type)
}

export function isAbsentOrTextList(value: unknown): boolean {
  return value === undefined || value === null || isTextList(value)
}
