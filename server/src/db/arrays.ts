/**
 * PostgreSQL array literals, passed as one text parameter and cast in the SQL (`$1::text[]`). Written here because the
 * driver can only write arrays after it has asked the server for its types, and that question is what breaks it under
 * faults (reliability.md §0.2).
 */
export function textArray(values: readonly (string | null)[]): string {
  let literal = '{'
  for (const value of values) {
    if (literal.length > 1) literal += ','
    literal += value === null ? 'NULL' : quoted(value)
  }
  return `${literal}}`
}

export function numberArray(values: readonly (number | null)[]): string {
  let literal = '{'
  for (const value of values) {
    if (literal.length > 1) literal += ','
    literal += value === null ? 'NULL' : String(value)
  }
  return `${literal}}`
}

/** What JSON writes with escapes that PostgreSQL would read otherwise: control characters, and halves of pairs. */
const OTHERWISE_IN_JSON = /[\u0000-\u001f\ud800-\udfff]/

/** This is on the message path, once per message: JSON's quoting is the same here, and several times as fast. */
function quoted(value: string): string {
  if (!OTHERWISE_IN_JSON.test(value)) return JSON.stringify(value)
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
