import { StatementFailed } from '../../src/db/db-errors.ts'
import { constraintOf, KEY_OF, UNIQUE, type Rows, type TableName, type Tables } from './tables.ts'

type LockMode = 'share' | 'alone'

interface Request {
  readonly owner: SimTransaction
  readonly mode: LockMode
  readonly grant: () => void
}

interface Lock {
  readonly holders: Map<SimTransaction, LockMode>
  readonly waiting: Request[]
}

/** Row locks, granted in the order of asking. */
export class Locks {
  readonly #locks = new Map<string, Lock>()

  /** True when it was to be had at once; then it is held. */
  try(owner: SimTransaction, name: string, mode: LockMode): boolean {
    const lock = this.#locks.get(name) ?? { holders: new Map<SimTransaction, LockMode>(), waiting: [] }
    this.#locks.set(name, lock)
    if (lock.holders.get(owner) === 'alone' || lock.holders.get(owner) === mode) return true
    if (lock.waiting.length > 0 || !isFree(lock, owner, mode)) return false
    lock.holders.set(owner, mode)
    owner.held.add(name)
    return true
  }

  async take(owner: SimTransaction, name: string, mode: LockMode): Promise<void> {
    if (this.try(owner, name, mode)) return
    await new Promise<void>((resolve) => {
      this.#locks.get(name)?.waiting.push({ owner, mode, grant: resolve })
    })
  }

  /** Ends all that this transaction holds or waits for. */
  releaseAll(owner: SimTransaction): void {
    for (const [name, lock] of this.#locks) {
      lock.holders.delete(owner)
      for (let i = lock.waiting.length - 1; i >= 0; i--) if (lock.waiting[i]?.owner === owner) lock.waiting.splice(i, 1)
      this.#grant(name, lock)
      if (lock.holders.size === 0 && lock.waiting.length === 0) this.#locks.delete(name)
    }
  }

  #grant(name: string, lock: Lock): void {
    for (let next = lock.waiting[0]; next && isFree(lock, next.owner, next.mode); next = lock.waiting[0]) {
      lock.waiting.shift()
      lock.holders.set(next.owner, next.mode)
      next.owner.held.add(name)
      next.grant()
    }
  }
}

function isFree(lock: Lock, owner: SimTransaction, mode: LockMode): boolean {
  for (const [holder, held] of lock.holders) {
    if (holder !== owner && (mode === 'alone' || held === 'alone')) return false
  }
  return true
}

type Writes = { readonly [Name in TableName]: Map<string, Rows[Name] | undefined> }

/** What of the model a planted bug may switch off. */
export interface StoreFlaws {
  noRowLock: boolean
  noUniqueIndex: boolean
  noEarlier: boolean
  loginsAlwaysAlive: boolean
  marksMaySink: boolean
  ackBeforeCommit: boolean
  noWipe: boolean
  revokedUnreadable: boolean
  constantEpoch: boolean
  ownNotCounted: boolean
  speakersBeforeLock: boolean
  leaversRemembered: boolean
  receiversIgnored: boolean
  revocationUnseen: boolean
  dismissalUnseen: boolean
  mutesUnseen: boolean
  changesKept: boolean
  receiptsReachBack: boolean
}

/** What statements see: everything committed, and the transaction's own writes over it (READ COMMITTED). */
export class SimTransaction {
  readonly held = new Set<string>()
  readonly writes: Writes = {
    account: new Map(),
    timeline: new Map(),
    member: new Map(),
    message: new Map(),
    entry: new Map(),
    deleted: new Map(),
    login: new Map(),
    chatGroup: new Map(),
    receipt: new Map(),
    restriction: new Map(),
  }
  /** The logins whose place was held for this transaction. */
  readonly heldLogins = new Set<number>()
  readonly #tables: () => Tables
  readonly #locks: Locks
  readonly #flaws: StoreFlaws
  /** What was committed when it began: for a planted bug that decides by it. */
  readonly begun: Tables

  constructor(tables: () => Tables, locks: Locks, flaws: StoreFlaws) {
    this.#tables = tables
    this.#locks = locks
    this.#flaws = flaws
    this.begun = tables()
  }

  *rows<Name extends TableName>(name: Name): Generator<Rows[Name]> {
    const own = this.writes[name] as Map<string, Rows[Name] | undefined>
    for (const [key, row] of this.#tables()[name] as Map<string, Rows[Name]>) if (!own.has(key)) yield row
    for (const row of own.values()) if (row !== undefined) yield row
  }

  get<Name extends TableName>(name: Name, key: string): Rows[Name] | undefined {
    const own = this.writes[name] as Map<string, Rows[Name] | undefined>
    return own.has(key) ? own.get(key) : (this.#tables()[name] as Map<string, Rows[Name]>).get(key)
  }

  find<Name extends TableName>(name: Name, isIt: (row: Rows[Name]) => boolean): Rows[Name] | undefined {
    for (const row of this.rows(name)) if (isIt(row)) return row
    return undefined
  }

  filter<Name extends TableName>(name: Name, isOne: (row: Rows[Name]) => boolean): Rows[Name][] {
    const found: Rows[Name][] = []
    for (const row of this.rows(name)) if (isOne(row)) found.push(row)
    return found
  }

  lock(name: TableName, key: string, mode: LockMode = 'alone'): Promise<void> {
    if (this.#flaws.noRowLock && name === 'timeline') return Promise.resolve()
    return this.#locks.take(this, `${name} ${key}`, mode)
  }

  tryLock(name: TableName, key: string, mode: LockMode = 'alone'): boolean {
    if (this.#flaws.noRowLock && name === 'timeline') return true
    return this.#locks.try(this, `${name} ${key}`, mode)
  }

  put<Name extends TableName>(name: Name, row: Rows[Name]): void {
    ;(this.writes[name] as Map<string, Rows[Name] | undefined>).set(KEY_OF[name](row), row)
  }

  delete<Name extends TableName>(name: Name, row: Rows[Name]): void {
    this.writes[name].set(KEY_OF[name](row), undefined)
  }

  /** False when there is such a row already; waits for another transaction that is just inserting it. */
  async insertUnlessThere<Name extends TableName>(name: Name, row: Rows[Name]): Promise<boolean> {
    const uniqueOf: ((row: Rows[Name]) => string) | undefined = UNIQUE[name]
    if (this.#flaws.noUniqueIndex && (name === 'message' || name === 'entry')) {
      this.put(name, row)
      return true
    }
    const unique = uniqueOf?.(row)
    if (this.get(name, KEY_OF[name](row))) return false
    if (uniqueOf && unique !== undefined) {
      if (this.find(name, (other) => uniqueOf(other) === unique)) return false
      await this.#locks.take(this, `unique ${name} ${unique}`, 'alone')
      if (this.find(name, (other) => uniqueOf(other) === unique)) return false
    }
    await this.#locks.take(this, `${name} ${KEY_OF[name](row)}`, 'alone')
    if (this.get(name, KEY_OF[name](row))) return false
    this.put(name, row)
    return true
  }

  async insert<Name extends TableName>(name: Name, row: Rows[Name]): Promise<void> {
    if (await this.insertUnlessThere(name, row)) return
    const uniqueOf: ((row: Rows[Name]) => string) | undefined = UNIQUE[name]
    const isOther =
      uniqueOf !== undefined && this.find(name, (other) => uniqueOf(other) === uniqueOf(row)) !== undefined
    throw new StatementFailed(`duplicate row in ${name}`, '23505', constraintOf(name, isOther))
  }
}
