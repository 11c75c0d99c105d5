import type { GeneralComponent } from 'glass-easel'
import { component } from 'glass-easel-miniprogram-adapter'
import type { Reporter } from './host.ts'
import { isReleased } from './released.ts'

interface Caller {
  readonly is: string
  readonly data: Record<string, unknown>
  /** The framework's component. */
  readonly _$: GeneralComponent
}
type SetData = (this: Caller, data: unknown, callback?: () => void) => void

/** WeChat refuses more in one call. */
export const MAX_SET_DATA_BYTES = 1_048_576

/**
 * Measures every setData of the program and holds it to WeChat's rules: JSON only, no undefined, at most 1 MB. Undefined
 * top-level fields are left out, as WeChat does. What has left the screen for good (a page that was unloaded while it
 * waited for an answer) takes the data and draws nothing.
 */
export function installSetDataMeter(report: Reporter): void {
  const prototype = component.ComponentCaller.prototype as unknown as Caller & { setData: SetData }
  const setData = Reflect.get(prototype, 'setData')
  prototype.setData = function (data, callback): void {
    const where = this.is
    if (typeof data !== 'object' || data === null) {
      report.warn(`${where}: setData needs an object`)
      return
    }
    const clean = withoutUndefined(data, where, report)
    const bytes = sizeOf(clean, where, report)
    report.setData(where, bytes)
    if (bytes > MAX_SET_DATA_BYTES)
      report.warn(`${where}: setData of ${bytes} bytes; WeChat's limit is ${MAX_SET_DATA_BYTES}`)
    if (isReleased(this._$)) Object.assign(this.data, clean)
    else Reflect.apply(setData, this, callback === undefined ? [clean] : [clean, callback])
  }
}

function withoutUndefined(data: object, where: string, report: Reporter): Readonly<Record<string, unknown>> {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(data)
  for (const [field, value] of entries) {
    const path = value === undefined ? field : findUndefined(value, field, 0)
    if (path !== undefined) report.warn(`${where}: setting data field "${path}" to undefined is invalid`)
  }
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** Deep data is walked so far and no further: the meter must not cost more than what it measures. */
const MAX_DEPTH = 6

function findUndefined(value: unknown, path: string, depth: number): string | undefined {
  if (value === undefined) return path
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const found = findUndefined(inner, `${path}.${key}`, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

function sizeOf(data: unknown, where: string, report: Reporter): number {
  try {
    return new TextEncoder().encode(JSON.stringify(data)).length
  } catch {
    report.warn(`${where}: setData of data that is not JSON`)
    return 0
  }
}
