/** What an app hands to a wx function: read member by member, never trusted to have the right type. */
export type Options = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value itself when it is an object, else an empty one. */
export function optionsOf(value: unknown): Options {
  return isRecord(value) ? value : {}
}

export function textIn(options: Options, key: string): string | undefined {
  const value = options[key]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}

export function numberIn(options: Options, key: string): number | undefined {
  const value = options[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function isTrue(options: Options, key: string): boolean {
  return options[key] === true
}

export function listIn(options: Options, key: string): readonly unknown[] {
  const value = options[key]
  return Array.isArray(value) ? value : []
}

export function textsIn(options: Options, key: string): readonly string[] {
  return listIn(options, key).filter((item) => typeof item === 'string')
}

export function recordIn(options: Options, key: string): Options {
  return optionsOf(options[key])
}

export type Callback = (...args: readonly unknown[]) => unknown

export function isCallback(value: unknown): value is Callback {
  return typeof value === 'function'
}

export function callbackIn(options: Options, key: string): Callback | undefined {
  const value = options[key]
  return isCallback(value) ? value : undefined
}
