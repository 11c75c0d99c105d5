import { DatabaseBusy, DatabaseUnavailable, isConflict } from '../../src/db/db-errors.ts'
import type { Db, Param, TransactionOptions, Tx } from '../../src/db/db.ts'
import type { Chance } from './chance.ts'
import { Locks, SimTransaction, type StoreFlaws } from './sim-transaction.ts'
import { carryOut } from './statements.ts'
import { copyTables, emptyTables, type Counters, type TableName, type Tables } from './tables.ts'
import { STARTED_AT_MS, type VirtualTime } from './virtual-time.ts'

/** A copy of everything, as a backup is. */
export interface Backup {
  readonly tables: Tables
}

/** Hears of every commit at the moment at which it takes effect, before anything else happens. */
export type CommitListener = (tx: SimTransaction, before: Tables) => void

/** The database of a world: tables in memory behind connections that take time and break. */
export class SimPostgres {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly flaws: StoreFlaws
  tables: Tables = emptyTables()
  counters: Counters = { account: 100_000, timeline: 0, login: 0, left: new Map() }
  locks = new Locks()
  epoch = 'epoch-1'
  skewMs = 0
  isUp = true
  /** How often it was started: what a connection of an earlier start left behind is undone. */
  starts = 1
  /** So many of the next commits take effect without anybody being told. */
  ambiguous = 0
  onCommit: CommitListener = () => {}
  readonly sessions = new Set<SimSession>()
  stats = { commits: 0, ambiguous: 0, restarts: 0, rewinds: 0, stalls: 0, conflicts: 0 }
  #stalledUntilMs = 0
  #epochs = 1

  constructor(time: VirtualTime, chance: Chance, flaws: StoreFlaws) {
    this.time = time
    this.chance = chance
    this.flaws = flaws
  }

  get nowMs(): number {
    return STARTED_AT_MS + this.time.nowMs + this.skewMs
  }

  /** Nothing is answered for a while. */
  stall(ms: number): void {
    this.stats.stalls++
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.time.nowMs + ms)
  }

  async awake(): Promise<void> {
    while (this.time.nowMs < this.#stalledUntilMs) await this.time.sleep(this.#stalledUntilMs - this.time.nowMs)
  }

  /** All connections break, what was not committed is undone, and for a while there is nobody to connect to. */
  restart(downMs: number): void {
    this.stats.restarts++
    this.starts++
    this.isUp = false
    for (const session of [...this.sessions]) session.die('the database went down', 'undone')
    this.locks = new Locks()
    this.time.after(downMs, () => {
      this.isUp = true
    })
  }

  backUp(): Backup {
    return { tables: copyTables(this.tables) }
  }

  /**
   * Puts a backup back, as an operator does: down, restored, under a new epoch, up again. The counters stay ahead, as the
   * restore procedure must see to: a key that was given away once never means something else.
   */
  rewind(backup: Backup, downMs: number): void {
    this.restart(downMs)
    this.stats.rewinds++
    this.tables = copyTables(backup.tables)
    this.epoch = `epoch-${++this.#epochs}`
  }

  /** Makes a transaction's writes everybody's, in one moment. */
  apply(tx: SimTransaction): void {
    const before = this.tables
    this.tables = { ...before }
    for (const name of Object.keys(tx.writes) as TableName[]) {
      const writes = tx.writes[name] as Map<string, never>
      if (writes.size === 0) continue
      const rows = new Map(before[name] as Map<string, never>)
      for (const [key, row] of writes) {
        if (row === undefined) rows.delete(key)
        else rows.set(key, row)
      }
      ;(this.tables as Record<TableName, Map<string, never>>)[name] = rows
    }
    this.stats.commits++
    this.locks.releaseAll(tx)
    this.onCommit(tx, before)
  }
}

/** One connection. Its statements are carried out in the order handed over, each after a way there and before a way back. */
export class SimSession {
  readonly #db: SimPostgres
  readonly #isOwnerAlive: () => boolean
  readonly #onDeath = new Set<(error: Error) => void>()
  tx: SimTransaction | undefined
  #tail: Promise<unknown> = Promise.resolve()
  #failure: Error | undefined
  #isDead = false
  #isCommitting = false
  #commitsAnyway = false
  readonly #start: number

  constructor(db: SimPostgres, isOwnerAlive: () => boolean) {
    this.#db = db
    this.#start = db.starts
    this.#isOwnerAlive = isOwnerAlive
    db.sessions.add(this)
  }

  get isDead(): boolean {
    return this.#isDead
  }

  begin(): void {
    this.#failure = undefined
    this.tx = new SimTransaction(() => this.#db.tables, this.#db.locks, this.#db.flaws)
  }

  query(text: string, params: readonly Param[]): Promise<readonly object[]> {
    return this.#handOver(async () => {
      if (this.#failure && this.tx) throw this.#failure
      const tx = this.tx ?? new SimTransaction(() => this.#db.tables, this.#db.locks, this.#db.flaws)
      const { counters, flaws, epoch, nowMs } = this.#db
      try {
        return await carryOut({ tx, counters, flaws, epoch, nowMs }, text, params)
      } catch (err) {
        this.#failure ??= err instanceof Error ? err : new Error(String(err))
        throw err
      }
    })
  }

  /** Resolves when the commit was confirmed. */
  async commit(): Promise<void> {
    const { tx } = this
    if (!tx) throw new Error('there is no transaction')
    this.#isCommitting = true
    if (this.#db.flaws.ackBeforeCommit) {
      this.#db.time.after(20, () => (this.#isDead ? undefined : this.#take(tx)))
      await this.#handOver(() => Promise.resolve())
      return
    }
    try {
      await this.#handOver(() => {
        if (this.#failure) {
          this.#undo()
          throw this.#failure
        }
        this.#take(tx)
        if (this.#db.ambiguous > 0) {
          this.#db.ambiguous--
          this.#db.stats.ambiguous++
          this.die('the confirmation of a commit was lost', 'undone')
        }
        return Promise.resolve()
      }, tx)
    } catch (err) {
      if (err instanceof DatabaseUnavailable) {
        throw new DatabaseUnavailable('a commit was not confirmed', { isAmbiguous: true, cause: err })
      }
      throw err
    }
  }

  async rollBack(): Promise<void> {
    if (this.#isDead) return
    await this.#handOver(() => Promise.resolve(this.#undo())).catch(() => {})
  }

  orDeath<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#onDeath.add(reject)
      void work.then(resolve, reject).finally(() => this.#onDeath.delete(reject))
    })
  }

  /**
   * The connection is gone. A commit that is on its way may still arrive: nobody knows, neither here nor in the world
   * outside.
   */
  die(why: string, commitOnItsWay: 'undone' | 'unknown'): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#db.sessions.delete(this)
    this.#commitsAnyway = commitOnItsWay === 'unknown' && this.#isCommitting && this.#db.chance.hits(500)
    if (!this.#commitsAnyway) this.#undo()
    for (const reject of [...this.#onDeath]) reject(new DatabaseUnavailable(why))
    this.#onDeath.clear()
  }

  #handOver<T>(carry: () => Promise<T>, committing?: SimTransaction): Promise<T> {
    const { time, chance } = this.#db
    if (this.#isDead) return Promise.reject(new DatabaseUnavailable('the connection is gone'))
    const arrival = time.sleep(chance.below(3))
    const done = this.#tail.then(async () => {
      await arrival
      await this.#db.awake()
      if (this.#isDead) {
        const isSameStart = this.#start === this.#db.starts
        if (committing && this.#commitsAnyway && isSameStart && this.tx === committing) this.#take(committing)
        throw new DatabaseUnavailable('the connection is gone')
      }
      return carry()
    })
    this.#tail = done.catch(() => {})
    const wayBack = chance.below(3)
    return this.orDeath(
      done.then(
        (result) => this.#deliver(wayBack, () => result),
        (err: unknown) =>
          this.#deliver(wayBack, () => {
            throw err
          }),
      ),
    )
  }

  /** Whoever has died hears nothing any more. */
  async #deliver<T>(wayBackMs: number, answer: () => T): Promise<T> {
    await this.#db.time.sleep(wayBackMs)
    if (!this.#isOwnerAlive()) await new Promise<never>(() => {})
    return answer()
  }

  #take(tx: SimTransaction): void {
    this.tx = undefined
    this.#db.apply(tx)
  }

  #undo(): void {
    if (this.tx) this.#db.locks.releaseAll(this.tx)
    this.tx = undefined
  }
}

export interface PoolOptions {
  readonly size: number
  readonly deadlineMs: number
  readonly isAlive: () => boolean
}

const TRIES = 3
const RETRY_PAUSE_MS = 50

/** A node's pool of connections to the world's database, with the promises of `Db`. */
export class SimDb implements Db {
  readonly kind = 'db'
  readonly #server: SimPostgres
  readonly #options: PoolOptions
  #lent = 0
  #waiting: (() => void)[] = []
  readonly #sessions = new Set<SimSession>()

  constructor(server: SimPostgres, options: PoolOptions) {
    this.#server = server
    this.#options = options
  }

  async query<Row extends object>(text: string, params: readonly Param[] = []): Promise<readonly Row[]> {
    return (await this.#use(this.#server.time.nowMs + this.#options.deadlineMs, (session) =>
      session.query(text, params),
    )) as readonly Row[]
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const { time, chance } = this.#server
    const untilMs = time.nowMs + (options.deadlineMs ?? this.#options.deadlineMs)
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#use(untilMs, (session) => this.#once(session, work))
      } catch (err) {
        const isWorthIt = options.retry === true && (isConflict(err) || err instanceof DatabaseUnavailable)
        if (!isWorthIt || attempt === TRIES || time.nowMs >= untilMs) throw err
        await time.sleep(chance.below(RETRY_PAUSE_MS * 2 ** attempt))
      }
    }
  }

  session(): never {
    throw new Error('the model has none')
  }

  stats(): never {
    throw new Error('the model keeps none')
  }

  close(): Promise<void> {
    for (const session of [...this.#sessions]) session.die('the node is gone', 'unknown')
    return Promise.resolve()
  }

  async #once<T>(session: SimSession, work: (tx: Tx) => Promise<T>): Promise<T> {
    session.begin()
    let isOver = false
    const tx: Tx = {
      kind: 'tx',
      query: <Row extends object>(text: string, params: readonly Param[] = []) => {
        const answer = isOver ? Promise.reject(new Error('the transaction is over')) : session.query(text, params)
        answer.catch(() => {})
        return answer as Promise<readonly Row[]>
      },
    }
    let result: T
    try {
      result = await session.orDeath(work(tx))
    } catch (err) {
      isOver = true
      await session.rollBack()
      throw err
    }
    isOver = true
    await session.commit()
    return result
  }

  async #use<T>(untilMs: number, run: (session: SimSession) => Promise<T>): Promise<T> {
    const { time } = this.#server
    await this.#lend(untilMs)
    // What a dead node goes on thinking must not reach the database.
    if (!this.#options.isAlive()) await new Promise<never>(() => {})
    let session: SimSession | undefined
    try {
      // The real pool tries again within the deadline, too.
      for (let tries = 0; !this.#server.isUp; tries++) {
        await time.sleep(10 + this.#server.chance.below(400))
        if (tries === 3 || time.nowMs >= untilMs) throw new DatabaseUnavailable('nobody listens')
      }
      const lent = new SimSession(this.#server, this.#options.isAlive)
      session = lent
      this.#sessions.add(lent)
      const stop = time.after(untilMs - time.nowMs, () => lent.die('not answered in time', 'unknown'))
      try {
        return await run(lent)
      } finally {
        stop()
      }
    } finally {
      if (session) {
        this.#sessions.delete(session)
        this.#server.sessions.delete(session)
      }
      this.#giveBack()
    }
  }

  #lend(untilMs: number): Promise<void> {
    if (this.#lent < this.#options.size) {
      this.#lent++
      return Promise.resolve()
    }
    const { time } = this.#server
    return new Promise((resolve, reject) => {
      const go = (): void => {
        stop()
        this.#lent++
        resolve()
      }
      const stop = time.after(untilMs - time.nowMs, () => {
        this.#waiting = this.#waiting.filter((other) => other !== go)
        reject(new DatabaseBusy('no connection became free in time'))
      })
      this.#waiting.push(go)
    })
  }

  #giveBack(): void {
    this.#lent--
    this.#waiting.shift()?.()
  }
}
