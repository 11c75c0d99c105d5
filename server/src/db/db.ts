import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import type { Random } from '../kit/random.ts'
import { ConnectGate } from './connect-gate.ts'
import { DatabaseUnavailable, kindOf } from './db-errors.ts'
import type { Lane, Param } from './lane.ts'
import { LanePool, type PoolStats } from './lane-pool.ts'

export { numberArray, textArray } from './arrays.ts'
export type { Param } from './lane.ts'

export interface Queryable {
  /** Runs a statement with parameters `$1`… Rows are plain objects; bigint comes back as number, JSON parsed. */
  query<Row extends object = Record<string, unknown>>(text: string, params?: readonly Param[]): Promise<readonly Row[]>
}

/** A transaction. Statements handed over without waiting for each other share round trips. */
export interface Tx extends Queryable {
  readonly kind: 'tx'
}

export interface TransactionOptions {
  /** The work is idempotent: after a lost connection or a conflict it is done again, a few times. */
  readonly retry?: boolean
}

/** A pool of connections. Everything settles within its deadline: with a result, PostgreSQL's error, DatabaseUnavailable or DatabaseBusy. */
export interface Db extends Queryable {
  readonly kind: 'db'
  /** Commits when the work resolves, rolls back when it rejects. Resolves only after the commit was confirmed. */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  stats(): PoolStats
  close(): Promise<void>
}

export interface ConnectOptions {
  readonly url: string
  /** Shows in pg_stat_activity. */
  readonly name: string
  readonly size: number
  readonly statementDeadlineMs: number
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Shared by the pools of a process, so that together they do not storm the server. */
  readonly gate?: ConnectGate
}

const CONNECT_DEADLINE_MS = 2_000
const MAX_WAITING = 2_000
const TRIES = 3
const RETRY_PAUSE_MS = 50

/** Makes a pool. Connects when it is first needed. */
export function connect(options: ConnectOptions): Db {
  const { clock, random, logger, ...rest } = options
  const pool = new LanePool({
    ...rest,
    clock,
    gate: options.gate ?? new ConnectGate(clock, random),
    connectDeadlineMs: CONNECT_DEADLINE_MS,
    maxWaiting: MAX_WAITING,
    onFault: (err) => logger.warn({ err, pool: options.name }, 'no connection to PostgreSQL'),
  })
  const pause = (attempt: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(random.fraction() * RETRY_PAUSE_MS * 2 ** attempt, resolve)
    })
  return {
    kind: 'db',
    query: (text, params) => pool.use((lane) => lane.query(text, params)),
    transaction: async (work, { retry = false } = {}) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await pool.use((lane) => runTransaction(lane, work))
        } catch (err) {
          if (!retry || attempt === TRIES || !isWorthRetrying(err)) throw err
          await pause(attempt)
        }
      }
    },
    stats: () => pool.stats(),
    close: async () => {
      pool.close()
    },
  }
}

async function runTransaction<T>(lane: Lane, work: (tx: Tx) => Promise<T>): Promise<T> {
  const tx: Tx = { kind: 'tx', query: (text, params) => lane.query(text, params) }
  // Not awaited: it shares a round trip with the first statements. Its failure is theirs too.
  const begun = lane.query('BEGIN')
  begun.catch(() => {})
  const result = await workOrRollBack(lane, () => work(tx))
  await begun
  await commit(lane)
  return result
}

async function workOrRollBack<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (err) {
    try {
      await lane.query('ROLLBACK')
    } catch (rollbackErr) {
      // A connection that may still be inside a transaction must not be lent again.
      lane.discard('a transaction could not be rolled back', rollbackErr)
    }
    throw err
  }
}

async function commit(lane: Lane): Promise<void> {
  try {
    await lane.query('COMMIT')
  } catch (err) {
    lane.discard('a commit was not confirmed', err)
    throw err instanceof DatabaseUnavailable
      ? new DatabaseUnavailable('a commit was not confirmed', { isAmbiguous: true, cause: err })
      : err
  }
}

function isWorthRetrying(err: unknown): boolean {
  return err instanceof DatabaseUnavailable || kindOf(err) === 'conflict'
}
