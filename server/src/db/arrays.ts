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

const SPECIAL = /["\\]/g

function quoted(value: string): string {
  return `"${value.replace(SPECIAL, '\\$&')}"`
}
