/** A request that waits for its turn or is being served. */
export interface InboxItem {
  /** Sends may be served side by side: handing them to the writer in order is their order. All others are served alone. */
  readonly isPipelined: boolean
  readonly serve: () => Promise<void>
}

/**
 * Serves one session's requests so that they take effect in the order received ([REQ-2]) without one commit per request:
 * consecutive sends start without waiting for each other; anything else waits for all before it and holds all after it.
 */
export class Inbox {
  readonly #maxPending: number
  readonly #onFull: () => void
  readonly #onRoom: () => void
  #queue: InboxItem[] = []
  #serving = 0
  #isAlone = false
  #isFull = false

  constructor(options: { readonly maxPending: number; readonly onFull: () => void; readonly onRoom: () => void }) {
    this.#maxPending = options.maxPending
    this.#onFull = options.onFull
    this.#onRoom = options.onRoom
  }

  /** Requests waiting or being served. */
  get pending(): number {
    return this.#queue.length + this.#serving
  }

  add(item: InboxItem): void {
    this.#queue.push(item)
    this.#serveWhatMay()
    if (this.#isFull || this.pending < this.#maxPending) return
    this.#isFull = true
    this.#onFull()
  }

  /** Forgets what waits; what is being served goes on. */
  clear(): void {
    this.#queue = []
  }

  #serveWhatMay(): void {
    for (let next = this.#queue[0]; next && this.#mayStart(next); next = this.#queue[0]) {
      this.#queue.shift()
      this.#serving++
      this.#isAlone = !next.isPipelined
      void next.serve().finally(() => this.#served())
    }
  }

  #mayStart(item: InboxItem): boolean {
    return this.#serving === 0 || (item.isPipelined && !this.#isAlone)
  }

  #served(): void {
    this.#serving--
    this.#serveWhatMay()
    if (!this.#isFull || this.pending > this.#maxPending / 2) return
    this.#isFull = false
    this.#onRoom()
  }
}
