import { DatabaseUnavailable } from './db-errors.ts'
import type { Answer, Lane, Param } from './lane.ts'
import type { BulkTx } from './queryable.ts'

/**
 * Runs the work in one transaction on this lane. Resolves only after PostgreSQL has confirmed the commit. Whatever
 * happens, afterwards the lane is outside a transaction or dead.
 */
export async function runTransaction<T>(
  lane: Lane,
  work: (tx: BulkTx) => Promise<T>,
  options: { readonly statementTimeoutMs?: number | undefined } = {},
): Promise<T> {
  const transaction = new LaneTransaction(lane)
  transaction.begin(options.statementTimeoutMs)
  let result: T
  try {
    result = await transaction.orDeath(work(transaction))
  } catch (err) {
    await transaction.rollBack()
    throw err
  }
  await transaction.commit()
  return result
}

class LaneTransaction implements BulkTx {
  readonly kind = 'tx'
  readonly #lane: Lane
  #isOver = false
  #failure: Error | undefined

  constructor(lane: Lane) {
    this.#lane = lane
  }

  query<Row extends object>(text: string, params?: readonly Param[]): Promise<readonly Row[]> {
    if (this.#isOver) return Promise.reject(new Error('the transaction is over'))
    const answer = this.#lane.run<Row>(text, params).then(({ rows }) => rows)
    // Also those that nobody waits for: their failure is the transaction's, and must not end the process.
    answer.catch((err: unknown) => {
      this.#failure ??= err instanceof Error ? err : new Error(String(err))
    })
    return answer
  }

  copyOut(text: string): AsyncIterable<Uint8Array> {
    if (this.#isOver) throw new Error('the transaction is over')
    return this.#lane.copyOut(text)
  }

  copyIn(text: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#isOver) return Promise.reject(new Error('the transaction is over'))
    return this.#lane.copyIn(text, chunks)
  }

  /** Not waited for: it shares a round trip with the first statements. If it fails, they read only, and the lane goes. */
  begin(statementTimeoutMs: number | undefined): void {
    const statements = ['BEGIN READ WRITE']
    if (statementTimeoutMs !== undefined) {
      const timeoutMs = Math.ceil(statementTimeoutMs)
      statements.push(`SET LOCAL statement_timeout = ${timeoutMs}`, `SET LOCAL lock_timeout = ${timeoutMs}`)
    }
    for (const statement of statements) {
      this.#lane.run(statement).catch((err: unknown) => this.#lane.discard('a transaction could not be begun', err))
    }
  }

  /** The work's result; or rejects as soon as the lane dies, whatever the work is waiting for. */
  orDeath<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const forget = this.#lane.onDeath(reject)
      void work.then(resolve, reject).finally(forget)
    })
  }

  async commit(): Promise<void> {
    this.#isOver = true
    const { command } = await this.#confirm()
    // PostgreSQL answers the COMMIT of a failed transaction with a ROLLBACK: the work had not looked at its failure.
    if (command !== 'COMMIT') throw this.#failure ?? new Error(`the transaction ended with ${command}`)
  }

  async rollBack(): Promise<void> {
    this.#isOver = true
    try {
      await this.#lane.run('ROLLBACK')
    } catch (err) {
      // A connection that may still be inside a transaction must not be lent again.
      this.#lane.discard('a transaction could not be rolled back', err)
    }
  }

  async #confirm(): Promise<Answer<object>> {
    try {
      return await this.#lane.run('COMMIT')
    } catch (err) {
      if (!(err instanceof DatabaseUnavailable)) throw err
      throw new DatabaseUnavailable('a commit was not confirmed', { isAmbiguous: true, cause: err.cause ?? err })
    }
  }
}
