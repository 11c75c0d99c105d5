import { transformSync, type TransformFailure } from 'esbuild'
import { CompileError } from './compile-error.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** @throws CompileError with the line when `text` is not a JSON object. */
export function parseJsonObject(text: string, file: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (err) {
    const reason = err instanceof Error ? err.message : String(err)
    throw new CompileError(file, lineOfJsonError(text), reason)
  }
  if (!isJsonObject(value)) throw new CompileError(file, undefined, 'is not a JSON object')
  return value
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Only the entries whose value is text. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(objectOf(value))
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** JSON.parse does not always say where; esbuild's parser does. */
function lineOfJsonError(text: string): number | undefined {
  try {
    transformSync(text, { loader: 'json', logLevel: 'silent' })
    return undefined
  } catch (err) {
    return (err as TransformFailure).errors[0]?.location?.line
  }
}
