import type { Element as WxElement, GeneralComponent, ShadowedEvent } from 'glass-easel'
import { describeComponent } from './wxs-descriptor.ts'

type WxsFunction = (...args: readonly unknown[]) => unknown

/** The name under which WXS's `x.constructor`, a string there, is translated by the build. */
export const WXS_TYPE = '__wxsType'

/** What the compiled templates call: marks of WXS functions, their events and their `change:` listeners. */
export class WxsHooks {
  private readonly functions = new WeakSet<object>()
  private readonly failed: (where: string, err: unknown) => void

  constructor(failed: (where: string, err: unknown) => void) {
    this.failed = failed
    installTypeNames()
  }

  /** Remembers the functions that a WXS module exports: handlers given by an expression carry no path. */
  readonly mark = (exported: unknown): void => {
    if (typeof exported !== 'object' || exported === null) return
    const values: readonly unknown[] = Object.values(exported)
    for (const value of values) if (typeof value === 'function') this.functions.add(value)
  }

  /** A `change:prop` listener; WeChat calls it after the tree is up, never while it is being built. */
  readonly changeListener = (listener: unknown): unknown => {
    if (!this.isWxsFunction(listener)) return listener
    return (newValue: unknown, oldValue: unknown, host: unknown, element: WxElement): void => {
      queueMicrotask(() => {
        this.run('WXS change', () =>
          listener(newValue, oldValue, describeComponent(callerToElement(host)), describeComponent(element)),
        )
      })
    }
  }

  /** Runs every handler: a WXS function gets (event, ownerInstance), others are called as methods of the component. */
  readonly handleEvent = (host: GeneralComponent, event: ShadowedEvent<unknown>, listener: unknown): unknown => {
    if (typeof listener !== 'function') return undefined
    if (!this.isWxsFunction(listener)) return Reflect.apply(listener, host, [event])
    const instance = describeComponent(callerToElement(event.currentTarget))
    const wxsEvent: unknown = Object.assign(Object.create(event), { instance })
    return this.run('WXS event', () => listener(wxsEvent, describeComponent(callerToElement(host))))
  }

  private run(where: string, call: () => unknown): unknown {
    try {
      return call()
    } catch (err) {
      this.failed(where, err)
      return undefined
    }
  }

  private isWxsFunction(value: unknown): value is WxsFunction {
    return typeof value === 'function' && this.functions.has(value)
  }
}

/** WXS's own functions, given to the compiled templates by name. */
export function getRegExp(pattern: string, flags?: string): RegExp {
  return new RegExp(pattern, flags)
}

export function getDate(...args: readonly (number | string)[]): Date {
  if (args.length === 0) return new Date()
  if (args.length === 1) return new Date(args[0] ?? 0)
  const [year = 0, month = 0, day = 1, hours = 0, minutes = 0, seconds = 0, ms = 0] = args.map(Number)
  return new Date(year, month, day, hours, minutes, seconds, ms)
}

/** Methods see the adapter's caller object; the framework's component is under it. */
function callerToElement(value: unknown): WxElement {
  if (typeof value === 'object' && value !== null && '_$' in value) return value._$ as WxElement
  return value as WxElement
}

/** WXS: `[].constructor === 'Array'`. A getter on the prototype, so that numbers and strings have it too. */
function installTypeNames(): void {
  Object.defineProperty(Object.prototype, WXS_TYPE, {
    configurable: true,
    enumerable: false,
    get(this: unknown): string {
      return Object.prototype.toString.call(this).slice('[object '.length, -1)
    },
    // A plain object of the program may carry the name itself.
    set(this: object, value: unknown) {
      Object.defineProperty(this, WXS_TYPE, { value, writable: true, configurable: true, enumerable: true })
    },
  })
}
