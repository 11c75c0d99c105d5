/** Lets messages through at a rate, or none while it is shut. */
export class Gate {
  #ratePerSecond: number
  #isShut = true
  #credit = 0
  #atMs = performance.now()
  #waiting: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(ratePerSecond: number) {
    this.#ratePerSecond = ratePerSecond
  }

  setRate(ratePerSecond: number): void {
    this.#ratePerSecond = ratePerSecond
  }

  shut(): void {
    this.#isShut = true
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  open(): void {
    this.#isShut = false
    this.#credit = 0
    this.#atMs = performance.now()
    this.#pass()
  }

  /** Whose turn it is sends so many more than one: they are counted, and others wait the longer. */
  spend(more: number): void {
    this.#credit -= more
  }

  /** Resolves when it is this caller's turn, to send one message. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      if (this.#timer === undefined) this.#pass()
    })
  }

  #pass(): void {
    this.#timer = undefined
    if (this.#isShut) return
    const nowMs = performance.now()
    // What nobody took while the world stood still is not made up for in one burst.
    this.#credit = Math.min(this.#ratePerSecond / 5, this.#credit + ((nowMs - this.#atMs) / 1000) * this.#ratePerSecond)
    this.#atMs = nowMs
    while (this.#credit >= 1 && this.#waiting.length > 0) {
      this.#credit--
      // In no order, or those who are quick would always be the same.
      const [next] = this.#waiting.splice(Math.floor(Math.random() * this.#waiting.length), 1)
      next?.()
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#pass(), 5)
  }
}
