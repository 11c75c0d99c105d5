/** At most `limit` at a time; the rest wait in order. WeChat runs 10 requests, 10 uploads and 10 downloads at once. */
export class Slots {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#taken += 1
    try {
      return await work()
    } finally {
      this.#taken -= 1
      this.#waiting.shift()?.()
    }
  }
}
