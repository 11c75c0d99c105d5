import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import type { Random } from '../kit/random.ts'
import { ConnectGate } from './connect-gate.ts'
import { parseConnectionUrl } from './connection-target.ts'
import { DatabaseUnavailable, isConflict } from './db-errors.ts'
import { LanePool, type PoolStats } from './lane-pool.ts'
import type { Param } from './lane.ts'
import type { Queryable, Session, Tx } from './queryable.ts'
import { runSession } from './session.ts'
import { runTransaction } from './transaction.ts'

export { numberArray, textArray } from './arrays.ts'
export { DatabaseBusy, DatabaseUnavailable, StatementFailed } from './db-errors.ts'
export type { Param } from './lane.ts'
export type { PoolStats } from './lane-pool.ts'
export type { BulkTx, Queryable, Session, Tx } from './queryable.ts'

export interface TransactionOptions {
  /** The work is idempotent: after a lost connection or a conflict it is done again, as often as its deadline lets. */
  readonly retry?: boolean
  /** How long it may take with everything, its tries too; the statement deadline by default. Its statements and locks may take as long. */
  readonly deadlineMs?: number
}

/**
 * A pool of connections. Everything settles within its deadline: with a result, StatementFailed, DatabaseUnavailable or
 * DatabaseBusy. What is not in a transaction only reads; a statement that writes fails with 25006.
 */
export interface Db extends Queryable {
  readonly kind: 'db'
  /**
   * Commits when the work resolves, rolls back when it rejects or a statement of it has failed. Resolves only after the
   * commit was confirmed. DatabaseUnavailable says in `isAmbiguous` whether it may have been committed all the same.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /**
   * Lends one connection for work that is more than a transaction. Its statements may write, read whole tables and take
   * as long as the deadline lets; what it sets and the locks it takes are gone when the work has ended.
   */
  session<T>(work: (session: Session) => Promise<T>, options: { readonly deadlineMs: number }): Promise<T>
  stats(): PoolStats
  /** Bounded; never rejects. */
  close(): Promise<void>
}

export interface ConnectOptions {
  readonly url: string
  /** Shows in pg_stat_activity. */
  readonly name: string
  readonly size: number
  /** How long a statement may take, waiting for a connection included. */
  readonly statementDeadlineMs: number
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Shared by the pools of a process, so that together they do not storm the server. */
  readonly gate?: ConnectGate
}

const CONNECT_DEADLINE_MS = 2_000
const MAX_WAITING = 2_000
/** The client gives up first, and destroys the connection; this ends the work on a server that cannot see that. */
const SERVER_GRACE_MS = 500
const TRIES = 3
const RETRY_PAUSE_MS = 50

/** Makes a pool. Connects when it is first needed. Throws StartRefused for a URL that makes no sense. */
export function connect(options: ConnectOptions): Db {
  const { clock, random, statementDeadlineMs, size } = options
  const pool = new LanePool({
    lanes: {
      target: parseConnectionUrl(options.url),
      name: options.name,
      connectDeadlineMs: CONNECT_DEADLINE_MS,
      statementTimeoutMs: statementDeadlineMs + SERVER_GRACE_MS,
      clock,
    },
    size,
    clock,
    gate: options.gate ?? new ConnectGate(clock, random),
    maxWaiting: MAX_WAITING,
    onFault: (err) => options.logger.warn({ err, pool: options.name }, 'no connection to PostgreSQL'),
  })
  const soon = (): number => clock.monotonicMs() + statementDeadlineMs
  return {
    kind: 'db',
    query: async <Row extends object>(text: string, params?: readonly Param[]) =>
      (await pool.use(soon(), (lane) => lane.run<Row>(text, params))).rows,
    transaction: (work, { retry = false, deadlineMs = statementDeadlineMs } = {}) => {
      const untilMs = clock.monotonicMs() + deadlineMs
      const statementTimeoutMs = deadlineMs > statementDeadlineMs ? deadlineMs : undefined
      const once = (): ReturnType<typeof work> =>
        pool.use(untilMs, (lane) => runTransaction(lane, work, { statementTimeoutMs }))
      return retry ? repeat(once, untilMs, { clock, random }) : once()
    },
    session: (work, { deadlineMs }) =>
      pool.use(clock.monotonicMs() + deadlineMs, (lane) => runSession(lane, work, { statementTimeoutMs: deadlineMs })),
    stats: () => pool.stats(),
    close: () => pool.close(),
  }
}

/** Full jitter between the tries, so that two that were in each other's way do not meet again. */
async function repeat<T>(
  once: () => Promise<T>,
  untilMs: number,
  { clock, random }: { clock: Clock; random: Random },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once()
    } catch (err) {
      const isWorthIt = isConflict(err) || err instanceof DatabaseUnavailable
      if (!isWorthIt || attempt === TRIES || clock.monotonicMs() >= untilMs) throw err
      await new Promise<void>((resolve) => void clock.after(random.fraction() * RETRY_PAUSE_MS * 2 ** attempt, resolve))
    }
  }
}
