import { conversationOfTimeline, parseConversationId, type TimelineId } from '@hongyan/protocol'
import type { Queryable } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { PresentSession } from '../presence/presence.ts'
import { FLAG } from '../timelines/message-row.ts'
import type { MessageName } from './message-name.ts'
import {
  countTracedMembers,
  readContent,
  readSignedIn,
  readTraced,
  readTracedMembers,
  readWhatIsThere,
  type MemberCounts,
  type SignedIn,
  type TracedMember,
  type TracedRow,
} from './trace-reader.ts'

/** Where a message is, as far as the server can know. */
export type Trace = FoundTrace | MissingTrace

export interface MissingTrace {
  readonly found: false
  /** Null when nobody has this number or this id. */
  readonly senderId: string | null
  /** The number of the last message of the conversation asked about; null without one. */
  readonly lastSeq: number | null
}

export interface FoundTrace {
  readonly found: true
  readonly message: {
    readonly id: string
    readonly conversationId: string
    readonly conversationType: 'c2c' | 'group' | 'system'
    readonly groupType: string | null
    readonly seq: number
    readonly offset: number
    readonly senderId: string
    readonly clientMsgId: string
    readonly storedAtMs: number
    readonly countsAsUnread: boolean
    readonly wantsReceipts: boolean
    /** Null for everybody in the conversation. */
    readonly receiverIds: readonly string[] | null
  }
  readonly state: {
    readonly revoked: { readonly by: string; readonly atMs: number } | null
    /** How often its content was changed. */
    readonly edits: number
    readonly isPinned: boolean
    readonly reactions: number
    readonly groupDismissedAtMs: number | null
  }
  /** Messages and entries of the conversation that came after it. */
  readonly since: { readonly messages: number; readonly entries: number }
  readonly sender: {
    /** Which of them sent it is not stored; those signed in after it did not. */
    readonly devices: readonly DeviceTrace[]
  }
  readonly counts: MemberCounts
  readonly members: readonly MemberTrace[]
  /** Members that are not listed here. */
  readonly unlisted: number
  /** Whether it could be asked who is connected now. */
  readonly isPresenceKnown: boolean
  /** Only when it was asked for. */
  readonly content?: unknown
}

export interface MemberTrace {
  readonly userId: string
  readonly canSee: boolean
  /** Why he cannot see it; null when he can. */
  readonly hiddenBecause: 'not-a-receiver' | 'deleted' | 'before-joining' | 'cleared' | null
  readonly wasMemberWhenSent: boolean
  /** His read mark has passed it: at least one of his devices has shown it. */
  readonly hasRead: boolean
  /** When his read mark was last moved; null when it never was. */
  readonly readMarkMovedAtMs: number | null
  readonly hasSentReceipt: boolean
  readonly devices: readonly DeviceTrace[]
}

export interface DeviceTrace {
  readonly device: string
  readonly signedInAtMs: number
  /** Null when that could not be asked. */
  readonly isConnected: boolean | null
  readonly handed: Handed
}

/**
 * `pushed`: connected, and the message is older than the sweeper needs, so it was handed to the connection (that the
 * phone has shown it only a read mark says) · `soon`: connected, and the message is that new · `waits`: it comes with
 * the next connection · `history`: he came later, and finds it when he looks back · `unknown`: nobody could be asked ·
 * `never`: it is not for this user
 */
export type Handed = 'pushed' | 'soon' | 'waits' | 'history' | 'unknown' | 'never'

export interface TraceDeps {
  readonly db: Queryable
  readonly clock: Clock
  /** Who is connected now; undefined when nobody could say. */
  readonly whereabouts: (
    userIds: readonly string[],
  ) => Promise<ReadonlyMap<string, readonly PresentSession[]> | undefined>
}

/** Longer than the sweeper needs to find what nobody has rung for, with a repair that fails once. */
const SURELY_PUSHED_AFTER_MS = 10_000

/** Reads everything about a message but its content, unless that is asked for. */
export async function traceMessage(
  deps: TraceDeps,
  name: MessageName,
  { members: limit, withContent }: { readonly members: number; readonly withContent: boolean },
): Promise<Trace> {
  const row = await readTraced(deps.db, name)
  if (!row) return { found: false, ...(await readWhatIsThere(deps.db, name)) }
  const counts = await countTracedMembers(deps.db, row)
  const members = await readTracedMembers(deps.db, row, limit)
  const devices = await findDevices(deps, row, members)
  return {
    found: true,
    message: messageOf(row),
    state: stateOf(row),
    since: { messages: row.lastSeq - row.seq, entries: row.lastOffset - row.offset },
    sender: { devices: devices.of(row.senderKey, row.senderId, undefined) },
    counts,
    members: members
      .filter(({ accountKey }) => accountKey !== row.senderKey)
      .map((member) => memberOf(row, member, devices)),
    unlisted: Math.max(0, counts.members - members.length),
    isPresenceKnown: devices.isPresenceKnown,
    ...(withContent ? { content: (await readContent(deps.db, row)) ?? null } : {}),
  }
}

function messageOf(row: TracedRow): FoundTrace['message'] {
  const conversationId = conversationOfTimeline(row.timeline as TimelineId) ?? ''
  return {
    id: `${row.senderKey}-${row.clientMsgId}`,
    conversationId,
    conversationType: parseConversationId(conversationId)?.type ?? 'c2c',
    groupType: row.groupType,
    seq: row.seq,
    offset: row.offset,
    senderId: row.senderId,
    clientMsgId: row.clientMsgId,
    storedAtMs: row.sentAtMs,
    countsAsUnread: (row.flags & FLAG.UNCOUNTED) === 0,
    wantsReceipts: (row.flags & FLAG.WANTS_RECEIPTS) !== 0,
    receiverIds: row.receiverIds,
  }
}

function stateOf({
  revokedBy,
  revokedAtMs,
  version,
  isPinned,
  reactions,
  dismissedAtMs,
}: TracedRow): FoundTrace['state'] {
  const revoked = revokedBy === null || revokedAtMs === null ? null : { by: revokedBy, atMs: revokedAtMs }
  return { revoked, edits: version, isPinned, reactions, groupDismissedAtMs: dismissedAtMs }
}

function memberOf(row: TracedRow, member: TracedMember, devices: Devices): MemberTrace {
  const hiddenBecause = hiding(member)
  return {
    userId: member.userId,
    canSee: hiddenBecause === null,
    hiddenBecause,
    wasMemberWhenSent: member.wasThere,
    hasRead: member.isMeant && member.readSeq >= row.seq,
    readMarkMovedAtMs: member.readAtMs === 0 ? null : member.readAtMs,
    hasSentReceipt: member.isMeant && member.hasSentReceipt,
    devices: devices.of(member.accountKey, member.userId, unpushed(member)),
  }
}

function hiding({ isMeant, hasDeleted, hasCleared, wasThere }: TracedMember): MemberTrace['hiddenBecause'] {
  if (!isMeant) return 'not-a-receiver'
  if (hasDeleted) return 'deleted'
  if (!hasCleared) return null
  return wasThere ? 'cleared' : 'before-joining'
}

/** Why nothing was pushed to him, if so. */
function unpushed({ isMeant, wasThere, hasCleared }: TracedMember): 'never' | 'history' | undefined {
  if (wasThere) return isMeant ? undefined : 'never'
  return isMeant && !hasCleared ? 'history' : 'never'
}

interface Devices {
  readonly isPresenceKnown: boolean
  of(accountKey: number, userId: string, unpushed: 'never' | 'history' | undefined): readonly DeviceTrace[]
}

async function findDevices(
  { db, clock, whereabouts }: TraceDeps,
  row: TracedRow,
  members: readonly TracedMember[],
): Promise<Devices> {
  const signedIn = await readSignedIn(db, [row.senderKey, ...members.map(({ accountKey }) => accountKey)])
  const present = await whereabouts([row.senderId, ...members.map(({ userId }) => userId)])
  const isOld = clock.now() - row.sentAtMs > SURELY_PUSHED_AFTER_MS
  const traceOf = (login: SignedIn, userId: string): DeviceTrace => {
    const isConnected = present
      ? (present.get(userId) ?? []).some((session) => session.loginKey === login.loginKey)
      : null
    return {
      device: login.device,
      signedInAtMs: login.openedAtMs,
      isConnected,
      handed: handedTo(isConnected, isOld),
    }
  }
  return {
    isPresenceKnown: present !== undefined,
    of: (accountKey, userId, exception) =>
      signedIn
        .filter((login) => login.accountKey === accountKey)
        .map((login) => traceOf(login, userId))
        .map((trace) => ({ ...trace, handed: exception ?? trace.handed })),
  }
}

function handedTo(isConnected: boolean | null, isOld: boolean): Handed {
  if (isConnected === null) return 'unknown'
  if (!isConnected) return 'waits'
  return isOld ? 'pushed' : 'soon'
}
