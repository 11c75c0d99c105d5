import { DatabaseBusy, DatabaseUnavailable, type Db } from '../../src/db/db.ts'

export interface LoadOutcome {
  /** Confirmed writes: each of them must be in the table. */
  readonly acked: readonly string[]
  /** Refused and certainly not done: none of them may be in the table. */
  readonly refused: readonly string[]
  /** Perhaps done. */
  readonly ambiguous: readonly string[]
  /** What should not have come out. */
  readonly surprises: readonly unknown[]
  /** The longest that anybody waited for an answer. */
  readonly longestMs: number
}

/** Writers that write one row after the other, each in a transaction, until they are stopped. */
export class WriteLoad {
  readonly #db: Db
  readonly #writers: readonly Promise<void>[]
  readonly #outcome = {
    acked: [] as string[],
    refused: [] as string[],
    ambiguous: [] as string[],
    surprises: [] as unknown[],
    longestMs: 0,
  }
  #isStopped = false

  constructor(db: Db, writers: number) {
    this.#db = db
    this.#writers = Array.from({ length: writers }, (_, index) => this.#write(index))
  }

  get acked(): number {
    return this.#outcome.acked.length
  }

  get failed(): number {
    return this.#outcome.refused.length + this.#outcome.ambiguous.length
  }

  async stop(): Promise<LoadOutcome> {
    this.#isStopped = true
    await Promise.all(this.#writers)
    return this.#outcome
  }

  async #write(writer: number): Promise<void> {
    for (let count = 0; !this.#isStopped; count++) {
      const id = `${writer}-${count}`
      const startedMs = performance.now()
      try {
        await this.#db.transaction((tx) => tx.query('INSERT INTO fact (id) VALUES ($1)', [id]))
        this.#outcome.acked.push(id)
      } catch (err) {
        this.#note(id, err)
        // A client would wait longer before it tries again.
        await new Promise((resolve) => setTimeout(resolve, 5))
      } finally {
        this.#outcome.longestMs = Math.max(this.#outcome.longestMs, performance.now() - startedMs)
      }
    }
  }

  #note(id: string, err: unknown): void {
    if (err instanceof DatabaseUnavailable && err.isAmbiguous) this.#outcome.ambiguous.push(id)
    else if (err instanceof DatabaseUnavailable || err instanceof DatabaseBusy) this.#outcome.refused.push(id)
    else this.#outcome.surprises.push(err)
  }
}
