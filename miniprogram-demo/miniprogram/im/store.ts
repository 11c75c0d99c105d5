/** A value that pages show: whoever subscribes is told at once, and at each change until he ends it. */
export interface Store<T> {
  get(): T
  set(next: T): void
  /** Returns what ends the subscription. */
  subscribe(listener: (value: T) => void): () => void
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial
  const listeners = new Set<(value: T) => void>()
  return {
    get: () => value,
    set: (next) => {
      if (next === value) return
      value = next
      for (const listener of [...listeners]) listener(value)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      listener(value)
      return () => listeners.delete(listener)
    },
  }
}
