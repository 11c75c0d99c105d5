interface Parcel {
  readonly topic: string
  readonly payload: string
}

/**
 * Hands payloads on in the microtask after the turn that pushed them, all together and in order: never re-entrantly
 * from `push`. Holds no more than one turn can push.
 */
export class LocalDelivery {
  readonly #deliver: (topic: string, payload: string) => void
  #waiting: Parcel[] = []

  /** `deliver` must not throw. */
  constructor(deliver: (topic: string, payload: string) => void) {
    this.#deliver = deliver
  }

  push(topic: string, payload: string): void {
    if (this.#waiting.push({ topic, payload }) === 1) queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    const parcels = this.#waiting
    this.#waiting = []
    for (const { topic, payload } of parcels) this.#deliver(topic, payload)
  }
}
