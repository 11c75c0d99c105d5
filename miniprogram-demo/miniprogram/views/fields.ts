/** Fields of payloads and of JSON that others made: what is not as it should be is empty. */

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textAt(value: unknown, key: string): string {
  const field = isObject(value) ? value[key] : undefined
  return typeof field === 'string' ? field : ''
}

export function numberAt(value: unknown, key: string): number {
  const field = isObject(value) ? value[key] : undefined
  return typeof field === 'number' && Number.isFinite(field) ? field : 0
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  const field = isObject(value) ? value[key] : undefined
  return Array.isArray(field) ? field : []
}

/** What a JSON text says; undefined when it is none. */
export function parseJson(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
