import type { Clock } from '../kit/clock.ts'
import type { ConnectGate } from './connect-gate.ts'
import { DatabaseBusy, DatabaseUnavailable } from './db-errors.ts'
import { Lane, type LaneOptions } from './lane.ts'

export interface LanePoolOptions {
  readonly lanes: LaneOptions
  readonly size: number
  readonly gate: ConnectGate
  readonly clock: Clock
  /** Callers that may wait for a lane. */
  readonly maxWaiting: number
  /** Hears of connections that could not be opened, or were lost. For the log. */
  readonly onFault: (err: unknown) => void
}

export interface PoolStats {
  /** Connections that are there now. */
  readonly open: number
  readonly busy: number
  readonly waiting: number
  /** Connections opened, and connections lost or thrown away, since the start. */
  readonly opened: number
  readonly discarded: number
}

interface Waiter {
  readonly take: (lane: Lane) => void
  readonly refuse: (err: Error) => void
}

const CLOSE_GRACE_MS = 2_000
/** One failed attempt may be a restart that is over in a moment; after as many as this those who wait are told. */
const PATIENT_FAILURES = 2

/**
 * A fixed number of slots, each empty or with a lane. A slot never leaks: what is borrowed is given back or thrown
 * away, and a lane that is lost is replaced in the background, so that the pool gets back the size it had.
 */
export class LanePool {
  readonly #options: LanePoolOptions
  readonly #idle: Lane[] = []
  readonly #busy = new Set<Lane>()
  #waiting: Waiter[] = []
  #opening = 0
  #opened = 0
  #discarded = 0
  /** How many lanes there have been at once: so many are kept. */
  #wanted = 0
  #isClosed = false
  #onAllReturned: () => void = () => {}

  constructor(options: LanePoolOptions) {
    this.#options = options
  }

  /**
   * Lends a lane for the duration of the work, which must not outlast `untilMs` on the monotonic clock: then the lane
   * is thrown away under it. Rejects with DatabaseBusy or DatabaseUnavailable when no lane is to be had until then.
   */
  async use<T>(untilMs: number, work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = this.#takeIdle() ?? (await this.#wait(untilMs))
    const { clock } = this.#options
    const cancel = clock.after(Math.max(0, untilMs - clock.monotonicMs()), () =>
      lane.discard('PostgreSQL did not answer in time'),
    )
    try {
      return await work(lane)
    } finally {
      cancel()
      this.#giveBack(lane)
    }
  }

  stats(): PoolStats {
    return {
      open: this.#open,
      busy: this.#busy.size,
      waiting: this.#waiting.length,
      opened: this.#opened,
      discarded: this.#discarded,
    }
  }

  /** Ends all lanes; what is being done may take a moment to finish. Bounded; never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(closedError())
    await Promise.all([this.#allReturned(), ...this.#idle.splice(0).map((lane) => lane.end())])
  }

  get #open(): number {
    return this.#idle.length + this.#busy.size
  }

  #takeIdle(): Lane | undefined {
    const lane = this.#idle.pop()
    if (lane) this.#busy.add(lane)
    return lane
  }

  #wait(untilMs: number): Promise<Lane> {
    if (this.#isClosed) return Promise.reject(closedError())
    if (this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(new DatabaseBusy('too many callers wait for a connection'))
    }
    const { clock } = this.#options
    const lent = new Promise<Lane>((resolve, reject) => {
      const waiter: Waiter = {
        take: (lane) => {
          cancel()
          this.#busy.add(lane)
          resolve(lane)
        },
        refuse: (err) => {
          cancel()
          reject(err)
        },
      }
      const cancel = clock.after(Math.max(0, untilMs - clock.monotonicMs()), () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter)
        reject(this.#open > 0 ? new DatabaseBusy('no connection became free in time') : unreachableError())
      })
      this.#waiting.push(waiter)
    })
    this.#fill()
    return lent
  }

  #giveBack(lane: Lane): void {
    if (this.#isClosed) {
      void this.#end(lane)
      return
    }
    this.#busy.delete(lane)
    if (!lane.isDead) this.#offer(lane)
    this.#fill()
  }

  async #end(lane: Lane): Promise<void> {
    await lane.end()
    this.#busy.delete(lane)
    if (this.#busy.size === 0) this.#onAllReturned()
  }

  #offer(lane: Lane): void {
    const next = this.#waiting.shift()
    if (next) next.take(lane)
    else this.#idle.push(lane)
  }

  /** Opens as many lanes as are missing; while the server cannot be reached, one at a time. */
  #fill(): void {
    if (this.#isClosed) return
    const { size, gate } = this.#options
    const missing = Math.min(size, Math.max(this.#wanted, this.#busy.size + this.#waiting.length)) - this.#open
    const atOnce = gate.failures > 0 ? Math.min(1, missing) : missing
    for (let count = atOnce - this.#opening; count > 0; count--) void this.#openOne()
  }

  async #openOne(): Promise<void> {
    this.#opening++
    const lane = await this.#tryOpen()
    this.#opening--
    if (lane) this.#welcome(lane)
    this.#fill()
  }

  async #tryOpen(): Promise<Lane | undefined> {
    const { gate, lanes, onFault } = this.#options
    try {
      return await gate.pass(() => (this.#isClosed ? undefined : Lane.open(lanes)))
    } catch (err) {
      if (this.#isClosed) return undefined
      onFault(err)
      if (this.#open === 0 && gate.failures >= PATIENT_FAILURES) {
        for (const waiter of this.#waiting.splice(0)) waiter.refuse(unreachableError(err))
      }
      return undefined
    }
  }

  #welcome(lane: Lane): void {
    if (this.#isClosed) return void lane.end()
    this.#opened++
    if (lane.isDead) return this.#bury(lane, unreachableError())
    this.#offer(lane)
    this.#wanted = Math.max(this.#wanted, this.#open)
    lane.onDeath((cause) => this.#bury(lane, cause))
  }

  #bury(lane: Lane, cause: DatabaseUnavailable): void {
    this.#discarded++
    const index = this.#idle.indexOf(lane)
    if (index >= 0) this.#idle.splice(index, 1)
    if (this.#isClosed) return
    this.#options.onFault(cause)
    // A busy one leaves its slot when it is given back.
    if (index >= 0) this.#fill()
  }

  #allReturned(): Promise<void> {
    if (this.#busy.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(CLOSE_GRACE_MS, () => {
        for (const lane of this.#busy) lane.discard('the database is being closed')
        resolve()
      })
      this.#onAllReturned = () => {
        cancel()
        resolve()
      }
    })
  }
}

function closedError(): DatabaseUnavailable {
  return new DatabaseUnavailable('the database is closed')
}

function unreachableError(cause?: unknown): DatabaseUnavailable {
  return cause instanceof DatabaseUnavailable
    ? cause
    : new DatabaseUnavailable('PostgreSQL cannot be reached', { cause })
}
