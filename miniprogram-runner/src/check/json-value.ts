/** What JSON.parse gives, typed: configuration files are read through this and nothing else. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined
}

/** Throws a SyntaxError for text that is not JSON. */
export function parseJson(text: string): JsonValue {
  return JSON.parse(text) as JsonValue
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member as an object; an empty one when it is absent or something else. */
export function objectAt(value: JsonObject, key: string): JsonObject {
  const member = value[key]
  return isObject(member) ? member : {}
}

export function textAt(value: JsonObject, key: string): string | undefined {
  const member = value[key]
  return typeof member === 'string' ? member : undefined
}

export function listAt(value: JsonObject, key: string): readonly JsonValue[] {
  const member = value[key]
  return Array.isArray(member) ? (member as readonly JsonValue[]) : []
}

/** The strings of a list member; other values are left out. */
export function textsAt(value: JsonObject, key: string): readonly string[] {
  return listAt(value, key).filter((item) => typeof item === 'string')
}
