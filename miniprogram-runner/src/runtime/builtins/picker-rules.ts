/** One wheel of a picker: what it shows, in order. */
export type Wheel = readonly string[]

const two = (value: number): string => String(value).padStart(2, '0')
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)

export type DateFields = 'year' | 'month' | 'day'

/** Texts of a range: strings, or objects by `rangeKey`. */
export function wheelOf(range: unknown, rangeKey: string): Wheel {
  if (!Array.isArray(range)) return []
  return range.map((item: unknown) => {
    const isObject = typeof item === 'object' && item !== null
    return String(isObject && rangeKey !== '' ? Reflect.get(item, rangeKey) : item)
  })
}

/** `'09:41'` ⇄ positions of the two wheels; out of range falls on the nearest end. */
export function timeWheels(start: string, end: string): readonly Wheel[] {
  const first = Number(start.split(':')[0] || 0)
  const last = Number(end.split(':')[0] || 23)
  return [range(first, last).map(two), range(0, 59).map(two)]
}

export function dateWheels(value: readonly number[], start: string, end: string, fields: DateFields): readonly Wheel[] {
  const [year = 2000, month = 1] = value
  const firstYear = Number(start.split('-')[0] || 1900)
  const lastYear = Number(end.split('-')[0] || 2100)
  const days = new Date(year, month, 0).getDate()
  const wheels = [range(firstYear, lastYear).map(String), range(1, 12).map(two), range(1, days).map(two)]
  return wheels.slice(0, { year: 1, month: 2, day: 3 }[fields])
}

/** Clamps a date's text between start and end, which compare as text. */
export function clampDate(value: string, start: string, end: string): string {
  if (start !== '' && value < start.slice(0, value.length)) return start.slice(0, value.length)
  if (end !== '' && value > end.slice(0, value.length)) return end.slice(0, value.length)
  return value
}
