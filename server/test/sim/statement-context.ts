import type { TimelineId, UserId } from '@hongyan/protocol'
import type { Param } from '../../src/db/db.ts'
import type { SimTransaction, StoreFlaws } from './sim-transaction.ts'
import type { Counters, MemberRow, MessageTableRow, TimelineRow } from './tables.ts'

/** Where a statement runs. */
export interface StatementContext {
  readonly tx: SimTransaction
  readonly counters: Counters
  readonly flaws: StoreFlaws
  readonly epoch: string
  /** The wall clock of the database's machine. */
  readonly nowMs: number
}

export type Row = object
export type Run = (context: StatementContext, params: Params) => readonly Row[] | Promise<readonly Row[]>

/** The parameters of a statement, read as what its SQL casts them to. */
export class Params {
  readonly #values: readonly Param[]

  constructor(values: readonly Param[]) {
    this.#values = values
  }

  number(place: number): number {
    return Number(this.#values[place - 1])
  }

  numberOrNull(place: number): number | null {
    const value = this.#values[place - 1]
    return value === null || value === undefined ? null : Number(value)
  }

  text(place: number): string {
    return String(this.#values[place - 1])
  }

  textOrNull(place: number): string | null {
    const value = this.#values[place - 1]
    return value === null || value === undefined ? null : String(value)
  }

  flag(place: number): boolean {
    return this.#values[place - 1] === true
  }

  flagOrNull(place: number): boolean | null {
    const value = this.#values[place - 1]
    return typeof value === 'boolean' ? value : null
  }

  texts(place: number): readonly string[] {
    return this.textsOrNull(place).map(String)
  }

  textsOrNull(place: number): readonly (string | null)[] {
    return parseArray(this.text(place))
  }

  numbers(place: number): readonly number[] {
    return this.texts(place).map(Number)
  }
}

/** The elements of a PostgreSQL array literal as db/arrays.ts writes it. */
export function parseArray(literal: string): readonly (string | null)[] {
  const items: (string | null)[] = []
  for (let i = 1; i < literal.length - 1; i++) {
    if (literal[i] === ',') continue
    let item = ''
    const isQuoted = literal[i] === '"'
    if (isQuoted) {
      for (i++; literal[i] !== '"'; i++) {
        if (literal[i] === '\\') i++
        item += literal[i]
      }
    } else {
      for (; i < literal.length - 1 && literal[i] !== ','; i++) item += literal[i]
    }
    items.push(!isQuoted && item === 'NULL' ? null : item)
  }
  return items
}

/** What a statement begins with, or a part that only it has; and what it means. */
export type Meaning = readonly [string, Run]

export function byId({ tx }: StatementContext, id: string): TimelineRow | undefined {
  return tx.find('timeline', (row) => row.id === id)
}

export async function lockInOrder(tx: SimTransaction, keys: readonly number[]): Promise<TimelineRow[]> {
  const rows: TimelineRow[] = []
  for (const key of [...new Set(keys)].sort((a, b) => a - b)) {
    await tx.lock('timeline', String(key))
    const row = tx.get('timeline', String(key))
    if (row) rows.push(row)
  }
  return rows
}

export function movedAt(row: TimelineRow, nowMs: number): number {
  return Math.max(row.movedAtMs, Math.floor(nowMs / 2000) * 2000)
}

export async function lockMember(
  tx: SimTransaction,
  timelineKey: number,
  accountKey: number,
): Promise<MemberRow | undefined> {
  const key = `${timelineKey} ${accountKey}`
  await tx.lock('member', key)
  return tx.get('member', key)
}

/** A message's row as MESSAGE_COLUMNS gives it. */
export function shown({ tx }: StatementContext, row: MessageTableRow): Row {
  const { revokedByKey, receivers: _receivers, ...rest } = row
  return {
    ...rest,
    senderId: userOf(tx, row.senderKey),
    revokedBy: revokedByKey === null ? null : (userOf(tx, revokedByKey) ?? null),
  }
}

export function userOf(tx: SimTransaction, accountKey: number): UserId | undefined {
  return tx.get('account', String(accountKey))?.id
}

/** Whether a message is for this account. */
export function isFor({ flaws }: StatementContext, row: MessageTableRow, accountKey: number): boolean {
  const { receivers, senderKey } = row
  return receivers === null || senderKey === accountKey || receivers.includes(accountKey) || flaws.receiversIgnored
}

/** The group of a timeline is there, or it is none of a group. */
export function isAlive({ tx }: Pick<StatementContext, 'tx'>, timelineKey: number): boolean {
  return (tx.get('chatGroup', String(timelineKey))?.dismissedAtMs ?? null) === null
}

/** The row of a member of a conversation that is there. */
export function memberOf(context: StatementContext, timelineKey: number, accountKey: number): MemberRow | undefined {
  return isAlive(context, timelineKey) ? context.tx.get('member', `${timelineKey} ${accountKey}`) : undefined
}

export function isDeletedFor({ tx }: StatementContext, accountKey: number, row: MessageTableRow): boolean {
  return tx.get('deleted', `${accountKey} ${row.timelineKey} ${row.seq}`) !== undefined
}

export async function insertTimeline(
  { tx, counters, nowMs }: StatementContext,
  id: string,
): Promise<number | undefined> {
  const head = { lastOffset: 0, lastSeq: 0, lastCountable: 0, lastSentAtMs: 0, movedAtMs: nowMs }
  const row = { key: ++counters.timeline, id: id as TimelineId, ...head }
  return (await tx.insertUnlessThere('timeline', row)) ? row.key : undefined
}
