import {
  SYSTEM_USER_ID,
  type Element,
  type Entry,
  type Group,
  type GroupType,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import { SYSTEM_ACCOUNT_KEY } from '../../src/accounts/account-rules.ts'

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
  readonly remind: string
  readonly role: number
  readonly nameCard: string
  readonly joinedSeq: number
  readonly joinedOffset: number
  readonly joinedAtMs: number
  readonly mutedUntilMs: number
  readonly custom: Group['custom']
}

/** A member's row as the schema's defaults make it. */
export function memberRow(timelineKey: number, accountKey: number): MemberRow {
  const marks = {
    own: 0,
    baseSeq: 0,
    baseCountable: 0,
    baseOwn: 0,
    readSeq: 0,
    readAtMs: 0,
    clearedSeq: 0,
    hiddenSeq: 0,
  }
  const joined = { joinedSeq: 0, joinedOffset: 0, joinedAtMs: 0 }
  const place = { role: 2, nameCard: '', mutedUntilMs: 0, custom: [] }
  return { timelineKey, accountKey, ...marks, ...joined, ...place, pinnedAtMs: null, remind: 'notify' }
}

export interface ChatGroupRow {
  readonly timelineKey: number
  readonly id: Group['groupId']
  readonly type: GroupType
  readonly name: string
  readonly avatar: string
  readonly introduction: string
  readonly notice: string
  readonly founderKey: number
  readonly requestId: string
  readonly ownerKey: number | null
  readonly maxMembers: number
  readonly memberCount: number
  readonly joinOption: Group['joinOption']
  readonly inviteOption: Group['inviteOption']
  readonly isMuted: boolean
  readonly custom: Group['custom']
  readonly createdAtMs: number
  readonly changedAtMs: number
  readonly dismissedAtMs: number | null
}

/** What is kept of somebody who has left: until when he may not speak. */
export interface RestrictionRow {
  readonly timelineKey: number
  readonly accountKey: number
  readonly mutedUntilMs: number
}

/** A reader's receipts in a group: the ranges, as the set of all numbers in them. */
export interface ReceiptRow {
  readonly timelineKey: number
  readonly accountKey: number
  readonly seqs: ReadonlySet<number>
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
  readonly body: MessageBody
  readonly revokedByKey: number | null
  readonly revokedAtMs: number | null
  readonly revokeReason: string | null
  readonly version: number
  /** Account keys of those it is for; null for everybody. */
  readonly receivers: readonly number[] | null
  readonly receiptAtMs: number | null
}

/** What travels with a message. */
export interface MessageBody {
  readonly elements: Element[]
  readonly customData?: string
  readonly mentions?: { readonly userIds: readonly UserId[]; readonly all: boolean }
  readonly receiverIds?: UserId[]
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
  readonly chatGroup: ChatGroupRow
  readonly receipt: ReceiptRow
  readonly restriction: RestrictionRow
}

export type TableName = keyof Rows
export type Tables = { readonly [Name in TableName]: Map<string, Rows[Name]> }
export interface Counters {
  account: number
  timeline: number
  login: number
  /** Rows of members who left, for a planted bug that remembers them. */
  readonly left: Map<string, MemberRow>
}

/** The primary key of a row, as one text. */
export const KEY_OF: { readonly [Name in TableName]: (row: Rows[Name]) => string } = {
  account: (row) => String(row.key),
  timeline: (row) => String(row.key),
  member: (row) => `${row.timelineKey} ${row.accountKey}`,
  message: (row) => `${row.timelineKey} ${row.seq}`,
  entry: (row) => `${row.timelineKey} ${row.offset}`,
  deleted: (row) => `${row.accountKey} ${row.timelineKey} ${row.seq}`,
  login: (row) => String(row.key),
  chatGroup: (row) => String(row.timelineKey),
  receipt: (row) => `${row.timelineKey} ${row.accountKey}`,
  restriction: (row) => `${row.timelineKey} ${row.accountKey}`,
}

/** The other unique indexes. */
export const UNIQUE: { readonly [Name in TableName]?: (row: Rows[Name]) => string } = {
  account: (row) => row.id,
  timeline: (row) => row.id,
  message: (row) => `${row.senderKey} ${row.clientMsgId}`,
  login: (row) => `${row.accountKey} ${row.instanceId}`,
  chatGroup: (row) => `${row.founderKey} ${row.requestId}`,
}

/** What those indexes are called. */
const UNIQUE_NAME: { readonly [Name in TableName]?: string } = {
  account: 'account_id_unique',
  timeline: 'timeline_id_unique',
  message: 'message_sent_once',
  login: 'login_instance',
  chatGroup: 'group_founded_once',
}

/** The index that refuses a row: the other unique one when that is it, or else the primary key. */
export function constraintOf(name: TableName, isOther: boolean): string {
  return (isOther ? UNIQUE_NAME[name] : undefined) ?? `${name}_pk`
}

/** The store as the migrations leave it. */
export function emptyTables(): Tables {
  const system = { key: SYSTEM_ACCOUNT_KEY, id: SYSTEM_USER_ID, nick: '', avatar: '', isDisabled: true }
  return {
    account: new Map([[String(SYSTEM_ACCOUNT_KEY), system]]),
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
}

/** Rows are never changed in place, so copying the maps is a full copy. */
export function copyTables(tables: Tables): Tables {
  const copies = Object.entries(tables).map(([name, rows]) => [name, new Map(rows as Map<string, never>)])
  return Object.fromEntries(copies) as Tables
}
