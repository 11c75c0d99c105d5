import type { Calls } from './calls.ts'
import { isCallback, type Callback } from './options.ts'

/** The pair `onX` / `offX`: off without a listener removes all, as WeChat's does. */
export class Listeners {
  readonly #name: string
  readonly #calls: Calls
  #list: readonly Callback[] = []

  constructor(name: string, calls: Calls) {
    this.#name = name
    this.#calls = calls
  }

  readonly on = (listener: unknown): void => {
    if (isCallback(listener)) this.#list = [...this.#list, listener]
  }

  readonly off = (listener?: unknown): void => {
    this.#list = listener === undefined ? [] : this.#list.filter((each) => each !== listener)
  }

  tell(...args: readonly unknown[]): void {
    for (const listener of this.#list) this.#calls.guard(this.#name, () => listener(...args))
  }
}

/** `{ onPlay, offPlay, onPause, offPause, … }` for a list of event names. */
export function listenerPairs<K extends string>(
  names: readonly K[],
  calls: Calls,
): { readonly of: Readonly<Record<K, Listeners>>; readonly methods: Readonly<Record<string, unknown>> } {
  const entries = names.map((name) => [name, new Listeners(`on${name}`, calls)] as const)
  const methods = Object.fromEntries(
    entries.flatMap(([name, listeners]) => [
      [`on${name}`, listeners.on],
      [`off${name}`, listeners.off],
    ]),
  )
  return { of: Object.fromEntries(entries) as Readonly<Record<K, Listeners>>, methods }
}
