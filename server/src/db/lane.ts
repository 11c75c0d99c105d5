import { Socket } from 'node:net'
import postgres from 'postgres'
import type { Clock } from '../kit/clock.ts'
import { DatabaseBusy, DatabaseUnavailable, kindOf } from './db-errors.ts'

/** A parameter of a statement. Arrays are passed as texts, see arrays.ts; JSON as text with a cast from text. */
export type Param = null | string | number | boolean

export interface LaneOptions {
  readonly url: string
  /** Shows in pg_stat_activity. */
  readonly name: string
  readonly connectDeadlineMs: number
  readonly statementDeadlineMs: number
  readonly clock: Clock
}

const LOCK_TIMEOUT_MS = 2_000
const IDLE_IN_TRANSACTION_MS = 5_000
const KEEP_ALIVE_MS = 10_000

/**
 * One connection to PostgreSQL, good until its first trouble. The driver's own pool, reconnecting and time-outs are not
 * used: each lane is a driver client of one connection over a socket that we own, and when anything is wrong the socket
 * is destroyed and the lane thrown away (Decision H, docs/adr/0001). Statements handed over without waiting are
 * pipelined by the driver.
 */
export class Lane {
  readonly #options: LaneOptions
  readonly #socket: Socket
  readonly #sql: postgres.Sql
  readonly #lost: Promise<never>
  #lose: (err: DatabaseUnavailable) => void = () => {}
  #inFlight = 0
  #busySinceMs = 0
  #isDead = false

  private constructor(options: LaneOptions, socket: Socket) {
    this.#options = options
    this.#socket = socket
    this.#lost = new Promise<never>((_, reject) => {
      this.#lose = reject
    })
    this.#lost.catch(() => {})
    this.#sql = postgres(options.url, driverOptions(options, socket))
    socket.on('close', () => this.discard('the connection was closed'))
    socket.on('error', (err) => this.discard('the connection failed', err))
  }

  /** Connects, or rejects with DatabaseUnavailable within the deadline. */
  static async open(options: LaneOptions): Promise<Lane> {
    const lane = new Lane(options, await dial(options))
    try {
      await lane.query('SELECT 1')
      return lane
    } catch (err) {
      lane.discard('the connection could not be opened')
      throw err
    }
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** Runs a statement. Rejects with DatabaseUnavailable, DatabaseBusy, or PostgreSQL's own error, which has a `code`. */
  async query<Row extends object>(text: string, params: readonly Param[] = []): Promise<readonly Row[]> {
    if (this.#isDead) throw new DatabaseUnavailable('the connection is gone')
    if (this.#inFlight++ === 0) this.#busySinceMs = this.#options.clock.monotonicMs()
    try {
      const rows = this.#sql.unsafe<Row[]>(text, [...params], { prepare: true })
      return await Promise.race([rows, this.#lost])
    } catch (err) {
      throw this.#translate(err)
    } finally {
      if (--this.#inFlight > 0) this.#busySinceMs = this.#options.clock.monotonicMs()
    }
  }

  /** Throws the lane away when a statement has had no answer for longer than it may. */
  checkDeadline(): void {
    if (this.#inFlight === 0) return
    const waitedMs = this.#options.clock.monotonicMs() - this.#busySinceMs
    if (waitedMs > this.#options.statementDeadlineMs) this.discard(`no answer for ${Math.round(waitedMs)} ms`)
  }

  /** Ends the connection at once; whatever is in flight rejects. */
  discard(reason: string, cause?: unknown): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#lose(new DatabaseUnavailable(reason, { cause }))
    this.#socket.destroy()
    // Frees the driver's timers; it has no connection left to end politely.
    this.#sql.end({ timeout: 0 }).catch(() => {})
  }

  #translate(err: unknown): unknown {
    if (err instanceof DatabaseUnavailable) return err
    const kind = kindOf(err)
    if (kind === 'refusal') return new DatabaseBusy('PostgreSQL cannot do it now', { cause: err })
    if (kind !== 'lost') return err
    const lost = new DatabaseUnavailable('the connection was lost', { cause: err })
    this.discard(lost.message, err)
    return lost
  }
}

function driverOptions(options: LaneOptions, socket: Socket): postgres.Options<Record<string, postgres.PostgresType>> {
  let isTaken = false
  const own = {
    // Once only: a lane that lost its socket must not get another.
    socket: () => {
      if (isTaken) throw new DatabaseUnavailable('the connection is gone')
      isTaken = true
      return socket
    },
  }
  return {
    ...own,
    max: 1,
    // Asking for types is what kills the process when the connection is reset meanwhile (reliability.md §0.2).
    fetch_types: false,
    connect_timeout: Math.ceil(options.connectDeadlineMs / 1000),
    onnotice: () => {},
    connection: {
      application_name: `hongyan ${options.name}`,
      // The server gives up a little after we have: it must not go on working for nobody.
      statement_timeout: options.statementDeadlineMs + 500,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    },
    types: { bigint: { to: 20, from: [20], serialize: String, parse: parseInteger } },
  }
}

/** Our keys, offsets and times are all below 2^53; a number that is not must not be rounded silently. */
function parseInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond 2^53`)
  return value
}

/** A connected socket, or DatabaseUnavailable within the deadline. */
function dial(options: LaneOptions): Promise<Socket> {
  const { hostname, port } = new URL(options.url)
  const socket = new Socket()
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      cancel()
      socket.destroy()
      reject(new DatabaseUnavailable('PostgreSQL cannot be reached', { cause }))
    }
    const cancel = options.clock.after(options.connectDeadlineMs, () => fail(new Error('no connection in time')))
    socket.once('error', fail)
    socket.once('connect', () => {
      cancel()
      socket.off('error', fail)
      resolve(socket)
    })
    socket.connect({ host: decodeURIComponent(hostname).replace(/^\[|\]$/g, ''), port: Number(port) || 5432 })
  })
}
