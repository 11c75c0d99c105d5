import { conversationTimeline, type GroupType, type UserId } from '@hongyan/protocol'
import { numberArray, type Queryable } from '../db/db.ts'
import type { MessageName } from './message-name.ts'

/** What the store knows of a message, but for its content. */
export interface TracedRow {
  readonly timeline: string
  readonly timelineKey: number
  readonly seq: number
  readonly offset: number
  readonly senderKey: number
  readonly senderId: UserId
  readonly clientMsgId: string
  readonly sentAtMs: number
  readonly flags: number
  readonly version: number
  readonly revokedBy: UserId | null
  readonly revokedAtMs: number | null
  readonly receiptAtMs: number | null
  /** Null for everybody in the conversation. */
  readonly receiverIds: readonly UserId[] | null
  readonly lastSeq: number
  readonly lastOffset: number
  readonly groupType: GroupType | null
  readonly dismissedAtMs: number | null
  readonly isPinned: boolean
  readonly reactions: number
}

/** The message of this name, or undefined. */
export async function readTraced(db: Queryable, name: MessageName): Promise<TracedRow | undefined> {
  const [where, params] = conditionOf(name)
  const [row] = await db.query<TracedRow>(`${TRACED} WHERE ${where}`, params)
  return row
}

const TRACED = `
  SELECT t.id AS timeline, m.timeline_key AS "timelineKey", m.seq, m."offset", m.sender_key AS "senderKey",
         s.id AS "senderId", m.client_msg_id AS "clientMsgId", m.sent_at_ms AS "sentAtMs", m.flags, m.version,
         r.id AS "revokedBy", m.revoked_at_ms AS "revokedAtMs", m.receipt_at_ms AS "receiptAtMs",
         (SELECT json_agg(a.id ORDER BY a.key) FROM account a WHERE a.key = ANY(m.receivers)) AS "receiverIds",
         t.last_seq AS "lastSeq", t.last_offset AS "lastOffset", g.type AS "groupType",
         g.dismissed_at_ms AS "dismissedAtMs",
         EXISTS (SELECT FROM pinned_message p WHERE p.timeline_key = m.timeline_key AND p.seq = m.seq) AS "isPinned",
         (SELECT count(*) FROM reaction x WHERE x.timeline_key = m.timeline_key AND x.seq = m.seq) AS reactions
    FROM message m JOIN timeline t ON t.key = m.timeline_key JOIN account s ON s.key = m.sender_key
    LEFT JOIN account r ON r.key = m.revoked_by_key LEFT JOIN chat_group g ON g.timeline_key = m.timeline_key`

function conditionOf(name: MessageName): readonly [string, readonly (string | number)[]] {
  if (name.kind === 'id') return ['m.sender_key = $1 AND m.client_msg_id = $2', [name.senderKey, name.clientMsgId]]
  if (name.kind === 'sent') {
    return [
      'm.sender_key = (SELECT key FROM account WHERE id = $1) AND m.client_msg_id = $2',
      [name.senderId, name.clientMsgId],
    ]
  }
  return [
    'm.timeline_key = (SELECT key FROM timeline WHERE id = $1) AND m.seq = $2',
    [conversationTimeline(name.conversationId), name.seq],
  ]
}

/** The content as it is stored now; what was revoked has none. */
export async function readContent(db: Queryable, row: Pick<TracedRow, 'timelineKey' | 'seq'>): Promise<unknown> {
  const [found] = await db.query<{ body: unknown }>('SELECT body FROM message WHERE timeline_key = $1 AND seq = $2', [
    row.timelineKey,
    row.seq,
  ])
  return found?.body
}

/** A member, and how he stands to the message. */
export interface TracedMember {
  readonly accountKey: number
  readonly userId: UserId
  /** He was a member when it was sent. */
  readonly wasThere: boolean
  /** He emptied his history up to it, or beyond. */
  readonly hasCleared: boolean
  readonly hasDeleted: boolean
  readonly isMeant: boolean
  readonly readSeq: number
  readonly readAtMs: number
  readonly hasSentReceipt: boolean
}

// For a member `w` and the message `m`.
const STANDING = `
  w.joined_seq < m.seq AS "wasThere", w.cleared_seq >= m.seq AS "hasCleared",
  EXISTS (SELECT FROM deleted_message x WHERE x.account_key = w.account_key AND x.timeline_key = m.timeline_key
             AND x.seq = m.seq) AS "hasDeleted",
  (m.receivers IS NULL OR w.account_key = m.sender_key OR w.account_key = ANY(m.receivers)) AS "isMeant",
  w.read_seq AS "readSeq", w.read_at_ms AS "readAtMs",
  (coalesce(c.seqs @> m.seq, false) OR (m.receipt_at_ms IS NOT NULL AND w.account_key <> m.sender_key)) AS "hasSentReceipt"`
const MEMBERS = `
  FROM message m JOIN member w ON w.timeline_key = m.timeline_key
  LEFT JOIN receipt c ON c.timeline_key = w.timeline_key AND c.account_key = w.account_key
 WHERE m.timeline_key = $1 AND m.seq = $2`

/** The first members by account, the sender too. */
export function readTracedMembers(
  db: Queryable,
  row: Pick<TracedRow, 'timelineKey' | 'seq'>,
  limit: number,
): Promise<readonly TracedMember[]> {
  return db.query<TracedMember>(
    `SELECT w.account_key AS "accountKey", (SELECT id FROM account WHERE key = w.account_key) AS "userId", ${STANDING}
     ${MEMBERS} ORDER BY w.account_key LIMIT $3`,
    [row.timelineKey, row.seq, limit],
  )
}

/** Of all members. */
export interface MemberCounts {
  readonly members: number
  readonly canSee: number
  /** Their read mark has passed it; the sender is not counted. */
  readonly haveRead: number
  readonly receipts: number
  readonly deleted: number
}

export async function countTracedMembers(
  db: Queryable,
  row: Pick<TracedRow, 'timelineKey' | 'seq' | 'senderKey'>,
): Promise<MemberCounts> {
  const [counts] = await db.query<MemberCounts>(
    `SELECT count(*) AS members,
            count(*) FILTER (WHERE NOT "hasCleared" AND NOT "hasDeleted" AND "isMeant") AS "canSee",
            count(*) FILTER (WHERE "readSeq" >= $2 AND account_key <> $3 AND "isMeant") AS "haveRead",
            count(*) FILTER (WHERE "hasSentReceipt" AND account_key <> $3 AND "isMeant") AS receipts,
            count(*) FILTER (WHERE "hasDeleted") AS deleted
       FROM (SELECT w.account_key, ${STANDING} ${MEMBERS}) AS standing`,
    [row.timelineKey, row.seq, row.senderKey],
  )
  return counts ?? { members: 0, canSee: 0, haveRead: 0, receipts: 0, deleted: 0 }
}

/** A place at which a user is signed in, connected or not. */
export interface SignedIn {
  readonly accountKey: number
  readonly loginKey: number
  readonly device: string
  readonly openedAtMs: number
}

export function readSignedIn(db: Queryable, accountKeys: readonly number[]): Promise<readonly SignedIn[]> {
  return db.query<SignedIn>(
    `SELECT account_key AS "accountKey", key AS "loginKey", device,
            floor(extract(epoch from opened_at) * 1000)::bigint AS "openedAtMs"
       FROM login WHERE account_key = ANY($1::bigint[]) ORDER BY account_key, key`,
    [numberArray(accountKeys)],
  )
}

/** Whether there is such a user at all, and how far the conversation has got: for a message that is not there. */
export async function readWhatIsThere(
  db: Queryable,
  name: MessageName,
): Promise<{ readonly senderId: UserId | null; readonly lastSeq: number | null }> {
  const params = [
    name.kind === 'id' ? name.senderKey : null,
    name.kind === 'sent' ? name.senderId : null,
    name.kind === 'place' ? conversationTimeline(name.conversationId) : null,
  ]
  const [row] = await db.query<{ senderId: UserId | null; lastSeq: number | null }>(
    `SELECT (SELECT id FROM account WHERE key = $1::bigint OR id = $2::text) AS "senderId",
            (SELECT last_seq FROM timeline WHERE id = $3::text) AS "lastSeq"`,
    params,
  )
  return row ?? { senderId: null, lastSeq: null }
}
