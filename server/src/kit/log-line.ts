/** No line of the log is longer, its end included. */
export const MAX_LINE_BYTES = 8_192

const SHORT_CHARS = 400
const SHORT_ITEMS = 10
const MAX_DEPTH = 4
const CUT = '…'

/** The line as it is, or, where it is too long, one with shortened values and `isShortened`. One JSON object either way. */
export function boundLine(line: string): string {
  if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return line
  const full = parseObject(line)
  const shortened = encode(full, SHORT_CHARS, MAX_DEPTH)
  if (Buffer.byteLength(shortened) <= MAX_LINE_BYTES) return shortened
  // Too many fields: what every line has, and what happened.
  const { level, time, msg } = full
  return encode({ level, time, msg }, SHORT_CHARS, 1)
}

function encode(fields: Readonly<Record<string, unknown>>, chars: number, depth: number): string {
  const short = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, shorten(value, chars, depth)]))
  return `${JSON.stringify({ ...short, isShortened: true })}\n`
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(line)
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function shorten(value: unknown, chars: number, depth: number): unknown {
  if (typeof value === 'string') return value.length > chars ? value.slice(0, chars) + CUT : value
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return CUT
  if (Array.isArray(value)) return value.slice(0, SHORT_ITEMS).map((item) => shorten(item, chars, depth - 1))
  const fields = Object.entries(value).slice(0, SHORT_ITEMS)
  return Object.fromEntries(fields.map(([key, field]) => [key.slice(0, 80), shorten(field, chars, depth - 1)]))
}
