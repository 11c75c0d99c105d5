/** A request that waits for its turn or is being served. */
export interface InboxItem {
  /** Sends may be served side by side: handing them to the writer in order is their order. All others are served alone. */
  readonly isPipelined: boolean
  /** `stepAside` lets those behind it begin before it is done: it has taken its effect, and the rest may take long. */
  readonly serve: (stepAside: () => void) => Promise<void>
}

/** Where requests come from. */
export interface RequestSource {
  pause(): void
  resume(): void
}

/**
 * Serves one session's requests so that they take effect in the order received ([REQ-2]) without one commit per request:
 * consecutive sends start without waiting for each other; anything else waits for all before it and holds all after it.
 */
export class Inbox {
  readonly #source: RequestSource
  readonly #maxPending: number
  /** Absent while nobody waits: an array that was used once keeps 150 bytes for each of many idle connections. */
  #queue: InboxItem[] | undefined
  #serving = 0
  /** Those that have stepped aside and are not done. */
  #aside = 0
  readonly #onIdle: () => void
  #isAlone = false
  #isFull = false

  /**
   * The source is paused at `maxPending` requests, and resumed when half of them are answered. `onIdle` is told when nothing
   * waits or is served any more.
   */
  constructor(source: RequestSource, maxPending: number, onIdle: () => void) {
    this.#source = source
    this.#maxPending = maxPending
    this.#onIdle = onIdle
  }

  /** Requests waiting or being served. */
  get pending(): number {
    return (this.#queue?.length ?? 0) + this.#serving + this.#aside
  }

  add(item: InboxItem): void {
    if (this.#queue === undefined && this.#mayStart(item)) this.#start(item)
    else (this.#queue ??= []).push(item)
    if (this.#isFull || this.pending < this.#maxPending) return
    this.#isFull = true
    this.#source.pause()
  }

  /** Forgets what waits; what is being served goes on. */
  clear(): void {
    this.#queue = undefined
  }

  #serveWhatMay(): void {
    for (let next = this.#queue?.[0]; next && this.#mayStart(next); next = this.#queue?.[0]) {
      this.#queue?.shift()
      this.#start(next)
    }
    if (this.#queue?.length === 0) this.#queue = undefined
  }

  #start(item: InboxItem): void {
    this.#serving++
    this.#isAlone = !item.isPipelined
    let isAside = false
    const stepAside = (): void => {
      if (isAside) return
      isAside = true
      this.#serving--
      this.#aside++
      this.#serveWhatMay()
    }
    void item.serve(stepAside).finally(() => {
      stepAside()
      this.#aside--
      this.#served()
    })
  }

  #mayStart(item: InboxItem): boolean {
    return this.#serving === 0 || (item.isPipelined && !this.#isAlone)
  }

  #served(): void {
    if (this.#isFull && this.pending <= this.#maxPending / 2) {
      this.#isFull = false
      this.#source.resume()
    }
    if (this.pending === 0) this.#onIdle()
  }
}
