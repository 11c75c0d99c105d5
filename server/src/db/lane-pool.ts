import type { Clock } from '../kit/clock.ts'
import { DatabaseBusy } from './db-errors.ts'
import type { ConnectGate } from './connect-gate.ts'
import { Lane, type LaneOptions } from './lane.ts'

export interface LanePoolOptions extends LaneOptions {
  readonly size: number
  readonly gate: ConnectGate
  /** Callers that may wait for a lane. */
  readonly maxWaiting: number
  /** Hears of connections that could not be opened. For the log. */
  readonly onFault: (err: unknown) => void
}

export interface PoolStats {
  readonly open: number
  readonly busy: number
  readonly waiting: number
  /** Connections thrown away since the start. */
  readonly discarded: number
}

interface Waiter {
  readonly take: (lane: Lane) => void
  readonly refuse: (err: Error) => void
}

const DEADLINE_CHECK_MS = 100

/** A fixed number of slots, each empty or with a lane. A slot never leaks: what is borrowed is given back or thrown away. */
export class LanePool {
  readonly #options: LanePoolOptions
  readonly #idle: Lane[] = []
  readonly #busy = new Set<Lane>()
  #waiting: Waiter[] = []
  #opening = 0
  #discarded = 0
  #isClosed = false
  #cancelCheck: (() => void) | undefined

  constructor(options: LanePoolOptions) {
    this.#options = options
  }

  /** Lends a lane for the duration of the work. Rejects with DatabaseBusy when none becomes free in time. */
  async use<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = await this.#borrow()
    try {
      return await work(lane)
    } finally {
      this.#giveBack(lane)
    }
  }

  stats(): PoolStats {
    return {
      open: this.#idle.length + this.#busy.size,
      busy: this.#busy.size,
      waiting: this.#waiting.length,
      discarded: this.#discarded,
    }
  }

  /** Ends all lanes; the busy ones at once, with what they are doing. */
  close(): void {
    this.#isClosed = true
    this.#cancelCheck?.()
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(new DatabaseBusy('the database is being closed'))
    for (const lane of [...this.#idle.splice(0), ...this.#busy]) lane.discard('the database is being closed')
  }

  #borrow(): Promise<Lane> {
    if (this.#isClosed) return Promise.reject(new DatabaseBusy('the database is closed'))
    for (let lane = this.#idle.pop(); lane; lane = this.#idle.pop()) {
      if (!lane.isDead) return Promise.resolve(this.#lend(lane))
      this.#discarded++
    }
    if (this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(new DatabaseBusy('too many callers wait for a connection'))
    }
    const lent = this.#wait(this.#options.clock)
    this.#openForWaiting()
    return lent
  }

  #wait(clock: Clock): Promise<Lane> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        take: (lane) => {
          cancel()
          resolve(this.#lend(lane))
        },
        refuse: (err) => {
          cancel()
          reject(err)
        },
      }
      const cancel = clock.after(this.#options.statementDeadlineMs, () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter)
        reject(new DatabaseBusy('no connection became free in time'))
      })
      this.#waiting.push(waiter)
    })
  }

  #lend(lane: Lane): Lane {
    this.#busy.add(lane)
    this.#watchDeadlines()
    return lane
  }

  #giveBack(lane: Lane): void {
    this.#busy.delete(lane)
    if (lane.isDead || this.#isClosed) {
      this.#discarded++
      lane.discard('the database is closed')
      this.#openForWaiting()
      return
    }
    const next = this.#waiting.shift()
    if (next) next.take(lane)
    else this.#idle.push(lane)
  }

  /** Opens as many lanes as callers wait for and slots are empty. */
  #openForWaiting(): void {
    const empty = this.#options.size - this.#idle.length - this.#busy.size - this.#opening
    for (let count = Math.min(empty, this.#waiting.length - this.#opening); count > 0; count--) void this.#open()
  }

  async #open(): Promise<void> {
    this.#opening++
    try {
      const lane = await this.#options.gate.pass(() => this.#openIfWanted())
      this.#opening--
      if (lane) this.#giveBack(lane)
    } catch (err) {
      this.#opening--
      this.#options.onFault(err)
      this.#openForWaiting()
    }
  }

  /** While the attempt was held back everybody may have gone. */
  async #openIfWanted(): Promise<Lane | undefined> {
    if (this.#isClosed || this.#waiting.length === 0) return undefined
    return Lane.open(this.#options)
  }

  #watchDeadlines(): void {
    this.#cancelCheck ??= this.#options.clock.after(DEADLINE_CHECK_MS, () => {
      this.#cancelCheck = undefined
      for (const lane of this.#busy) lane.checkDeadline()
      if (this.#busy.size > 0) this.#watchDeadlines()
    })
  }
}
