import type { Socket } from 'node:net'
import postgres from 'postgres'
import type { Clock } from '../kit/clock.ts'
import type { ConnectionTarget } from './connection-target.ts'
import { CopySourceFailed, readCopy, writeCopy } from './copy.ts'
import { classifyFailure, DatabaseUnavailable } from './db-errors.ts'
import { dial } from './dial.ts'

/** A parameter of a statement. Arrays are passed as texts, see arrays.ts; JSON as its text. */
export type Param = null | string | number | boolean

export interface LaneOptions {
  readonly target: ConnectionTarget
  /** Shows in pg_stat_activity. */
  readonly name: string
  readonly connectDeadlineMs: number
  /** The server's own limit on a statement, for when we are not there to give up. */
  readonly statementTimeoutMs: number
  readonly clock: Clock
}

/** What a statement gave. */
export interface Answer<Row> {
  readonly rows: readonly Row[]
  /** PostgreSQL's word for what was done: SELECT, COMMIT, ROLLBACK … */
  readonly command: string
}

const LOCK_TIMEOUT_MS = 2_000
const IDLE_IN_TRANSACTION_MS = 5_000
const POLITE_END_MS = 200
/** Statements under way at once; more wait inside the driver. */
const MAX_PIPELINED = 100

/**
 * One connection to PostgreSQL, good until its first trouble. The driver's own pool, reconnecting, transactions and
 * time-outs are not used: each lane is a driver client of one connection over a socket that we own, and when anything
 * is wrong the socket is destroyed and the lane thrown away (Decision H, docs/adr/0001). Statements handed over
 * without waiting are pipelined by the driver and answered in their order.
 */
export class Lane {
  readonly #socket: Socket
  readonly #sql: postgres.Sql
  readonly #clock: Clock
  /** Rejects each statement that has no answer yet. Not the driver's own promises: it forgets some. */
  readonly #pending = new Set<(err: DatabaseUnavailable) => void>()
  #death: DatabaseUnavailable | undefined
  readonly #mourners = new Set<(cause: DatabaseUnavailable) => void>()

  private constructor(options: LaneOptions, socket: Socket) {
    this.#socket = socket
    this.#clock = options.clock
    this.#sql = postgres(driverOptions(options, socket))
    socket.on('close', () => this.discard('the connection was closed'))
    socket.on('error', (err) => this.discard('the connection failed', err))
  }

  /** Connects and logs in, or rejects with DatabaseUnavailable within the deadline. */
  static async open(options: LaneOptions): Promise<Lane> {
    const { clock, connectDeadlineMs } = options
    const startedMs = clock.monotonicMs()
    const lane = new Lane(options, await dial(options.target, connectDeadlineMs, clock))
    const leftMs = connectDeadlineMs - (clock.monotonicMs() - startedMs)
    const cancel = clock.after(Math.max(0, leftMs), () => lane.discard('PostgreSQL did not let us in in time'))
    try {
      const { rows } = await lane.run<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby')
      // It would answer with what was true a while ago, and sequences would seem to go back.
      if (rows[0]?.standby !== false) throw new DatabaseUnavailable('the PostgreSQL that answers is a standby')
      return lane
    } catch (err) {
      lane.discard('the connection could not be opened', err)
      throw err
    } finally {
      cancel()
    }
  }

  get isDead(): boolean {
    return this.#death !== undefined
  }

  /** Hears of the lane's end, at once when it is over, unless the returned function is called first. */
  onDeath(listener: (cause: DatabaseUnavailable) => void): () => void {
    if (this.#death) listener(this.#death)
    else this.#mourners.add(listener)
    return () => this.#mourners.delete(listener)
  }

  /** Runs a statement. Rejects with DatabaseUnavailable, DatabaseBusy or StatementFailed. Has no deadline of its own. */
  run<Row extends object>(text: string, params: readonly Param[] = []): Promise<Answer<Row>> {
    return this.#await(this.#sql.unsafe<Row[]>(text, params.map(textOf), { prepare: true }))
  }

  resume(): void {
    this.#socket.resume()
  }

  /** The bytes of a `COPY … TO STDOUT`. Nothing else may be run meanwhile. Broken off, the lane is discarded. */
  async *copyOut(text: string): AsyncGenerator<Uint8Array, void, undefined> {
    let hasEnded = false
    try {
      yield* readCopy(this.#sql.unsafe(text), this)
      hasEnded = true
    } catch (err) {
      hasEnded = true
      throw this.#translate(err)
    } finally {
      if (!hasEnded) this.discard('a copy was broken off')
    }
  }

  /** Gives bytes to a `COPY … FROM STDIN`. Nothing else may be run meanwhile. */
  async copyIn(text: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      await writeCopy(this.#sql.unsafe(text), chunks, this)
    } catch (err) {
      throw err instanceof CopySourceFailed ? err.cause : this.#translate(err)
    }
  }

  /** Ends the connection at once; whatever is in flight rejects. */
  discard(reason: string, cause?: unknown): void {
    if (this.#death) return
    this.#death = new DatabaseUnavailable(reason, { cause })
    this.#socket.destroy()
    for (const reject of this.#pending) reject(this.#death)
    this.#pending.clear()
    for (const mourn of this.#mourners) mourn(this.#death)
    this.#mourners.clear()
  }

  /** Says goodbye to the server, if it listens. Bounded; never rejects. */
  async end(): Promise<void> {
    if (this.#death) return
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()))
    this.#sql.end({ timeout: 1 }).catch(() => {})
    const cancel = this.#clock.after(POLITE_END_MS, () => this.discard('the connection is no longer needed'))
    await closed
    cancel()
  }

  #await<Row>(statement: Promise<readonly Row[] & { readonly command: string }>): Promise<Answer<Row>> {
    const death = this.#death
    if (death) return Promise.reject(death)
    // Where the driver would look it up for a failure, and by that remember each failed statement for ever.
    void Object.defineProperty(statement, 'origin', { value: '' })
    return new Promise((resolve, reject) => {
      this.#pending.add(reject)
      statement.then(
        (rows) => {
          this.#pending.delete(reject)
          resolve({ rows, command: rows.command })
        },
        (err: unknown) => {
          this.#pending.delete(reject)
          reject(this.#translate(err))
        },
      )
    })
  }

  #translate(err: unknown): Error {
    const failure = classifyFailure(err)
    if (failure.kind === 'answer')
      return failure.error instanceof Error ? failure.error : new Error(String(failure.error))
    this.discard('the connection was lost', failure.cause)
    return this.#death ?? new DatabaseUnavailable('the connection was lost', { cause: failure.cause })
  }
}

function driverOptions(
  options: LaneOptions,
  socket: Socket,
): postgres.Options<Record<string, postgres.PostgresType>> & {
  readonly socket: () => Socket
  readonly max_pipeline: number
} {
  const { target, name, statementTimeoutMs } = options
  let isTaken = false
  return {
    // Once only: a lane that lost its socket must not get another.
    socket: () => {
      if (isTaken) throw new DatabaseUnavailable('the connection is gone')
      isTaken = true
      return socket
    },
    // Named in full, or the driver would look into the environment for them.
    host: 'host' in target.address ? target.address.host : 'localhost',
    port: 'port' in target.address ? target.address.port : 0,
    user: target.user,
    // A function: an empty password would be taken for none, too.
    pass: () => target.password,
    database: target.database,
    ssl: false,
    max: 1,
    prepare: true,
    // Asking for types is what kills the process when the connection is reset meanwhile (reliability.md §0.2).
    fetch_types: false,
    // The driver's timers: we have our own, and these would fire on a socket that is gone.
    connect_timeout: 0,
    idle_timeout: 0,
    max_lifetime: null,
    keep_alive: null,
    max_pipeline: MAX_PIPELINED,
    backoff: false,
    debug: false,
    // What every session of ours is. Without a word here the driver takes the environment's, and throws at libpq's `any`.
    target_session_attrs: 'read-only',
    onnotice: () => {},
    connection: {
      application_name: `hongyan ${name}`,
      statement_timeout: statementTimeoutMs,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      // A statement outside a transaction only reads. So what is sent behind a BEGIN without waiting for it does
      // nothing at all if that BEGIN fails.
      default_transaction_read_only: true,
      // Every statement of ours goes along an index, whatever the tables hold. A plan made while a table was empty is
      // kept, and would go through the whole table for ever after. ('off': the driver leaves out what is false.)
      enable_seqscan: 'off',
      enable_hashjoin: 'off',
      enable_mergejoin: 'off',
      // As no plan depends on the parameters, none is made anew for them: five times per statement and connection.
      plan_cache_mode: 'force_generic_plan',
    },
    types: TYPES,
  }
}

const asText = (value: unknown): string => String(value)

/** Parameters go as the texts they are, whatever type the server infers; only these results become something else. */
const TYPES: Record<string, postgres.PostgresType> = {
  integer: { to: 20, from: [20], serialize: asText, parse: parseInteger },
  number: { to: 0, from: [21, 23, 26, 700, 701], serialize: asText, parse: Number },
  boolean: { to: 16, from: [16], serialize: asText, parse: (text: string) => text === 't' },
  json: { to: 114, from: [114, 3802], serialize: asText, parse: (text: string): unknown => JSON.parse(text) },
  instant: { to: 1184, from: [1184], serialize: asText, parse: (text: string) => new Date(text) },
  day: { to: 1082, from: [1082, 1114], serialize: asText, parse: asText },
  bytes: { to: 17, from: [17], serialize: asText, parse: (text: string) => Buffer.from(text.slice(2), 'hex') },
}

/** Our keys, offsets and times are all below 2^53; a number that is not must not be rounded silently. */
function parseInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond 2^53`)
  return value
}

function textOf(param: Param): string | null {
  return param === null ? null : String(param)
}
