import type { Lane, Param } from './lane.ts'
import type { BulkTx, Session } from './queryable.ts'
import { runTransaction } from './transaction.ts'

/** A disk that stalls while a table is copied must not end the transaction. */
const IDLE_IN_TRANSACTION_MS = 10 * 60_000

/** Runs the work on this lane, which is afterwards as it was, or dead. */
export async function runSession<T>(
  lane: Lane,
  work: (session: Session) => Promise<T>,
  options: { readonly statementTimeoutMs: number },
): Promise<T> {
  try {
    for (const statement of settings(options.statementTimeoutMs)) await lane.run(statement)
    return await work(new LaneSession(lane))
  } finally {
    await putBack(lane)
  }
}

class LaneSession implements Session {
  readonly kind = 'session'
  readonly #lane: Lane

  constructor(lane: Lane) {
    this.#lane = lane
  }

  async query<Row extends object>(text: string, params?: readonly Param[]): Promise<readonly Row[]> {
    return (await this.#lane.run<Row>(text, params)).rows
  }

  transaction<T>(work: (tx: BulkTx) => Promise<T>): Promise<T> {
    return runTransaction(this.#lane, work)
  }
}

function settings(statementTimeoutMs: number): readonly string[] {
  return [
    'SET default_transaction_read_only = off',
    `SET statement_timeout = ${Math.ceil(statementTimeoutMs)}`,
    `SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
    // What a lane forbids for the sake of the message path; here whole tables are read.
    'SET enable_seqscan = on',
    'SET enable_hashjoin = on',
    'SET enable_mergejoin = on',
    'SET plan_cache_mode = auto',
    // Values as texts are the same wherever they are read.
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
    "SET bytea_output = 'hex'",
    'SET extra_float_digits = 1',
  ]
}

/** What was set at the connection's opening is what a reset goes back to. */
async function putBack(lane: Lane): Promise<void> {
  if (lane.isDead) return
  try {
    await lane.run('SELECT pg_advisory_unlock_all()')
    await lane.run('RESET ALL')
  } catch (err) {
    lane.discard('a session could not be ended', err)
  }
}
