export interface AdmissionLimits {
  readonly maxConnections: number
  readonly maxOpeningPerAddress: number
}

/** Decides before the upgrade whether a connection may come in at all (S-WS4). */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #opening = new Map<string, number>()
  #connections = 0
  #isDraining = false

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  /** The HTTP status to refuse with, or undefined when the connection may come in. */
  refusal(address: string): 429 | 503 | undefined {
    if (this.#isDraining || this.#connections >= this.#limits.maxConnections) return 503
    return (this.#opening.get(address) ?? 0) >= this.#limits.maxOpeningPerAddress ? 429 : undefined
  }

  /** A connection came in. Returns the two calls for its later: `opened` once it has a session, `closed` at its end. Each counts once. */
  enter(address: string): { readonly opened: () => void; readonly closed: () => void } {
    this.#connections++
    this.#opening.set(address, (this.#opening.get(address) ?? 0) + 1)
    const opened = once(() => this.#leaveOpening(address))
    const closed = once(() => {
      opened()
      this.#connections--
    })
    return { opened, closed }
  }

  /** From now on nobody comes in. */
  drain(): void {
    this.#isDraining = true
  }

  get isDraining(): boolean {
    return this.#isDraining
  }

  #leaveOpening(address: string): void {
    const left = (this.#opening.get(address) ?? 1) - 1
    if (left > 0) this.#opening.set(address, left)
    else this.#opening.delete(address)
  }
}

function once(run: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    run()
  }
}
