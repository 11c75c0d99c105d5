import { conversationTimeline, type ConversationId, type GroupType, type Seq, type UserId } from '@hongyan/protocol'
import { numberArray, type Queryable } from '../db/db.ts'

/** A member's standing in a conversation: what he may see there, and as what he acts. */
export interface Access {
  readonly timelineKey: number
  /** 0 owner · 1 admin · 2 member; 2 outside groups. */
  readonly role: number
  readonly joinedSeq: Seq
  /** He sees nothing up to here. */
  readonly clearedSeq: Seq
  /** Null outside groups. */
  readonly groupType: GroupType | null
}

/** The user's standing, or undefined for who is no member, and where the conversation or its group is not there (any more). */
export async function readAccess(
  db: Queryable,
  conversationId: ConversationId,
  accountKey: number,
): Promise<Access | undefined> {
  const [row] = await db.query<Access>(
    `SELECT t.key AS "timelineKey", me.role, me.joined_seq AS "joinedSeq", me.cleared_seq AS "clearedSeq",
            g.type AS "groupType"
       FROM timeline t JOIN member me ON me.timeline_key = t.key AND me.account_key = $2
       LEFT JOIN chat_group g ON g.timeline_key = t.key
      WHERE t.id = $1 AND g.dismissed_at_ms IS NULL`,
    [conversationTimeline(conversationId), accountKey],
  )
  return row
}

/** Whether a member may see the message `m`, for a statement that names his account's parameter and what is hidden from him. */
export function mayBeSeenBy(account: string, clearedSeq: string): string {
  return `m.seq > ${clearedSeq} AND (m.receivers IS NULL OR m.sender_key = ${account} OR ${account} = ANY(m.receivers))
    AND NOT EXISTS (SELECT FROM deleted_message x
                     WHERE x.account_key = ${account} AND x.timeline_key = m.timeline_key AND x.seq = m.seq)`
}

/** What must be known of a message before something is put on it. */
export interface AnnotatedMessage {
  readonly seq: Seq
  readonly senderKey: number
  readonly senderId: UserId
  readonly clientMsgId: string
  readonly isExtensible: boolean
  readonly isRevoked: boolean
  /** Null for everybody. */
  readonly receiverIds: readonly UserId[] | null
}

/** The message, if it is there and this member may see it. */
export async function readAnnotated(
  db: Queryable,
  access: Access,
  accountKey: number,
  seq: Seq,
): Promise<AnnotatedMessage | undefined> {
  const [row] = await db.query<AnnotatedMessage>(
    `SELECT m.seq, m.sender_key AS "senderKey", s.id AS "senderId", m.client_msg_id AS "clientMsgId",
            coalesce(m.body->>'extensible' = 'true', false) AS "isExtensible",
            m.revoked_at_ms IS NOT NULL AS "isRevoked",
            (SELECT json_agg(a.id ORDER BY a.key) FROM account a WHERE a.key = ANY(m.receivers)) AS "receiverIds"
       FROM message m JOIN account s ON s.key = m.sender_key
      WHERE m.timeline_key = $1 AND m.seq = $2 AND ${mayBeSeenBy('$3', '$4')}`,
    [access.timelineKey, seq, accountKey, access.clearedSeq],
  )
  return row
}

/** Of these messages, those that are there, not revoked, and for this member to see. */
export async function readVisibleSeqs(
  db: Queryable,
  access: Access,
  accountKey: number,
  seqs: readonly Seq[],
): Promise<readonly Seq[]> {
  const rows = await db.query<{ seq: Seq }>(
    `SELECT m.seq FROM message m
      WHERE m.timeline_key = $1 AND m.seq = ANY($2::bigint[]) AND m.revoked_at_ms IS NULL
        AND ${mayBeSeenBy('$3', '$4')}`,
    [access.timelineKey, numberArray(seqs), accountKey, access.clearedSeq],
  )
  return rows.map(({ seq }) => seq)
}
