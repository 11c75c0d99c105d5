import { Refused } from '@hongyan/protocol'

/** Lets so many at once do something; so many more wait, in order. Refuses TOO_MANY_REQUESTS beyond that. */
export class Turns {
  readonly #maxAtOnce: number
  readonly #maxWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limits: { readonly maxAtOnce: number; readonly maxWaiting: number }) {
    this.#maxAtOnce = limits.maxAtOnce
    this.#maxWaiting = limits.maxWaiting
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn()
    try {
      return await work()
    } finally {
      // The place goes from hand to hand, so that nobody who comes now can be faster.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  get running(): number {
    return this.#running
  }

  #turn(): Promise<void> | undefined {
    if (this.#running < this.#maxAtOnce) {
      this.#running++
      return undefined
    }
    if (this.#waiting.length >= this.#maxWaiting) throw new Refused('TOO_MANY_REQUESTS')
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
