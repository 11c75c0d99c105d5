/** What the browser keeps for this page, below one prefix; a browser that keeps nothing is no error. */
const PREFIX = 'hongyan.'

/** `tab` ends with the tab, `ever` stays on the machine. */
export type Lifetime = 'tab' | 'ever'

export function remember(name: string, value: unknown, lifetime: { readonly for: Lifetime }): void {
  try {
    storageFor(lifetime.for).setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // Full, or forbidden by the browser's settings.
  }
}

export function recall<Value>(name: string): Value | undefined {
  try {
    const text = sessionStorage.getItem(PREFIX + name) ?? localStorage.getItem(PREFIX + name)
    return text === null ? undefined : (JSON.parse(text) as Value)
  } catch {
    return undefined
  }
}

/** In both, unless one is named. */
export function forget(name: string, lifetime?: { readonly for: Lifetime }): void {
  try {
    if (lifetime?.for !== 'ever') sessionStorage.removeItem(PREFIX + name)
    if (lifetime?.for !== 'tab') localStorage.removeItem(PREFIX + name)
  } catch {
    // As above.
  }
}

function storageFor(lifetime: Lifetime): Storage {
  return lifetime === 'tab' ? sessionStorage : localStorage
}
