import type { Entry, TimelineId, UserId } from '@hongyan/protocol'

export interface AccountRow {
  readonly key: number
  readonly id: UserId
  readonly nick: string
  readonly avatar: string
  readonly isDisabled: boolean
}

export interface TimelineRow {
  readonly key: number
  readonly id: TimelineId
  readonly lastOffset: number
  readonly lastSeq: number
  readonly lastCountable: number
  readonly lastSentAtMs: number
  readonly movedAtMs: number
}

export interface MemberRow {
  readonly timelineKey: number
  readonly accountKey: number
  readonly own: number
  readonly baseSeq: number
  readonly baseCountable: number
  readonly baseOwn: number
  readonly readSeq: number
  readonly readAtMs: number
  readonly clearedSeq: number
  readonly hiddenSeq: number
  readonly pinnedAtMs: number | null
}

export interface MessageTableRow {
  readonly timelineKey: number
  readonly seq: number
  readonly offset: number
  readonly senderKey: number
  readonly clientMsgId: string
  readonly fingerprint: number
  readonly sentAtMs: number
  readonly countable: number
  readonly flags: number
  readonly body: { readonly elements: never[] }
  readonly revokedByKey: number | null
  readonly revokedAtMs: number | null
  readonly revokeReason: string | null
}

export interface EntryRow {
  readonly timelineKey: number
  readonly offset: number
  readonly seq: number
  readonly body: Entry
}

export interface DeletedRow {
  readonly accountKey: number
  readonly timelineKey: number
  readonly seq: number
  readonly counted: boolean
}

export interface LoginRow {
  readonly key: number
  readonly accountKey: number
  readonly device: string
  readonly instanceId: string
}

export interface Rows {
  readonly account: AccountRow
  readonly timeline: TimelineRow
  readonly member: MemberRow
  readonly message: MessageTableRow
  readonly entry: EntryRow
  readonly deleted: DeletedRow
  readonly login: LoginRow
}

export type TableName = keyof Rows
export type Tables = { readonly [Name in TableName]: Map<string, Rows[Name]> }
export type Counters = { account: number; timeline: number; login: number }

/** The primary key of a row, as one text. */
export const KEY_OF: { readonly [Name in TableName]: (row: Rows[Name]) => string } = {
  account: (row) => String(row.key),
  timeline: (row) => String(row.key),
  member: (row) => `${row.timelineKey} ${row.accountKey}`,
  message: (row) => `${row.timelineKey} ${row.seq}`,
  entry: (row) => `${row.timelineKey} ${row.offset}`,
  deleted: (row) => `${row.accountKey} ${row.timelineKey} ${row.seq}`,
  login: (row) => String(row.key),
}

/** The other unique indexes. */
export const UNIQUE: { readonly [Name in TableName]?: (row: Rows[Name]) => string } = {
  account: (row) => row.id,
  timeline: (row) => row.id,
  message: (row) => `${row.senderKey} ${row.clientMsgId}`,
  login: (row) => `${row.accountKey} ${row.instanceId}`,
}

/** What those indexes are called. */
const UNIQUE_NAME: { readonly [Name in TableName]?: string } = {
  account: 'account_id_unique',
  timeline: 'timeline_id_unique',
  message: 'message_sent_once',
  login: 'login_instance',
}

/** The index that refuses a row: the other unique one when that is it, or else the primary key. */
export function constraintOf(name: TableName, isOther: boolean): string {
  return (isOther ? UNIQUE_NAME[name] : undefined) ?? `${name}_pk`
}

export function emptyTables(): Tables {
  return {
    account: new Map(),
    timeline: new Map(),
    member: new Map(),
    message: new Map(),
    entry: new Map(),
    deleted: new Map(),
    login: new Map(),
  }
}

/** Rows are never changed in place, so copying the maps is a full copy. */
export function copyTables(tables: Tables): Tables {
  return {
    account: new Map(tables.account),
    timeline: new Map(tables.timeline),
    member: new Map(tables.member),
    message: new Map(tables.message),
    entry: new Map(tables.entry),
    deleted: new Map(tables.deleted),
    login: new Map(tables.login),
  }
}
