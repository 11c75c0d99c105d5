import {
  conversationOfTimeline,
  type ConversationId,
  type ConversationState,
  type Offset,
  type Profile,
  type Seq,
  type TimelineId,
} from '@hongyan/protocol'
import { numberArray, textArray, type Queryable } from '../db/db.ts'
import { MESSAGE_COLUMNS, MESSAGE_PEOPLE, messageOf, type MessageRow } from '../timelines/message-row.ts'

/** A conversation a user is a member of. */
export interface Membership {
  readonly timeline: TimelineId
  readonly timelineKey: number
  readonly lastOffset: Offset
}

/** A user's conversations below a key, the youngest first: an order that nothing can change while pages are fetched. */
export async function readMemberships(
  db: Queryable,
  accountKey: number,
  page: { readonly belowKey: number; readonly limit: number },
): Promise<readonly Membership[]> {
  return db.query<Membership>(
    `SELECT t.id AS timeline, t.key AS "timelineKey", t.last_offset AS "lastOffset"
       FROM member m JOIN timeline t ON t.key = m.timeline_key
      WHERE m.account_key = $1 AND m.timeline_key < $2 ORDER BY m.timeline_key DESC LIMIT $3`,
    [accountKey, page.belowKey, page.limit],
  )
}

/** Those of these conversations of which the user is a member. */
export async function readMembershipsIn(
  db: Queryable,
  accountKey: number,
  timelines: readonly TimelineId[],
): Promise<readonly Membership[]> {
  if (timelines.length === 0) return []
  return db.query<Membership>(
    `SELECT t.id AS timeline, t.key AS "timelineKey", t.last_offset AS "lastOffset"
       FROM timeline t JOIN member m ON m.timeline_key = t.key AND m.account_key = $1
      WHERE t.id = ANY($2::text[])`,
    [accountKey, textArray(timelines)],
  )
}

interface StateRow {
  readonly timeline: TimelineId
  readonly offset: Offset
  readonly lastSeq: Seq
  readonly countable: number
  readonly own: number
  readonly baseSeq: Seq
  readonly baseCountable: number
  readonly baseOwn: number
  readonly uncounted: Seq[]
  readonly readSeq: Seq
  readonly peerReadSeq: Seq
  readonly peerReadAtMs: number
  readonly clearedSeq: Seq
  readonly hiddenSeq: Seq
  readonly pinnedAtMs: number | null
  readonly lastMessage: MessageRow | null
  readonly peer: Profile
  readonly userOffset: Offset
}

export interface StatesPage {
  /** The user's timeline as of the same snapshot. */
  readonly userOffset: Offset
  readonly conversations: readonly ConversationState[]
}

/** These conversations as their member sees them, in the order asked for; one statement, so all of one moment. */
export async function readStates(
  db: Queryable,
  user: { readonly accountKey: number; readonly userTimeline: TimelineId },
  timelineKeys: readonly number[],
): Promise<StatesPage> {
  const rows = await db.query<StateRow | { readonly timeline: null; readonly userOffset: Offset }>(STATES, [
    user.accountKey,
    user.userTimeline,
    numberArray(timelineKeys),
  ])
  const conversations = rows.flatMap((row) => (row.timeline === null ? [] : [stateOf(row)]))
  return { userOffset: rows[0]?.userOffset ?? 0, conversations }
}

// The first row stands for the user's own timeline, so that its offset is there even without any conversation.
const STATES = `
  SELECT u.last_offset AS "userOffset", s.*
    FROM timeline u
    LEFT JOIN LATERAL (
      SELECT t.id AS timeline, t.last_offset AS "offset", t.last_seq AS "lastSeq", t.last_countable AS countable,
             me.own, me.base_seq AS "baseSeq", me.base_countable AS "baseCountable", me.base_own AS "baseOwn",
             me.read_seq AS "readSeq", me.cleared_seq AS "clearedSeq", me.hidden_seq AS "hiddenSeq",
             me.pinned_at_ms AS "pinnedAtMs",
             coalesce(p.read_seq, me.read_seq) AS "peerReadSeq", coalesce(p.read_at_ms, me.read_at_ms) AS "peerReadAtMs",
             json_build_object('userId', a.id, 'nick', a.nick, 'avatar', a.avatar) AS peer,
             (SELECT coalesce(json_agg(x.seq ORDER BY x.seq), '[]') FROM (
                SELECT r.seq FROM message r
                 WHERE r.timeline_key = t.key AND r.seq > me.base_seq AND r.revoked_at_ms IS NOT NULL
                   AND r.sender_key <> me.account_key AND r.flags & 1 = 0
                UNION
                SELECT d.seq FROM deleted_message d
                 WHERE d.account_key = me.account_key AND d.timeline_key = t.key AND d.seq > me.base_seq AND d.counted
             ) AS x) AS uncounted,
             (SELECT to_json(l) FROM (
                SELECT ${MESSAGE_COLUMNS} FROM message m ${MESSAGE_PEOPLE}
                 WHERE m.timeline_key = t.key AND m.seq > me.cleared_seq AND m.flags & 2 = 0
                   AND NOT EXISTS (SELECT FROM deleted_message d WHERE d.account_key = me.account_key
                                      AND d.timeline_key = t.key AND d.seq = m.seq)
                 ORDER BY m.seq DESC LIMIT 1) AS l) AS "lastMessage",
             k.ord
        FROM unnest($3::bigint[]) WITH ORDINALITY AS k(key, ord)
        JOIN timeline t ON t.key = k.key
        JOIN member me ON me.timeline_key = t.key AND me.account_key = $1
        LEFT JOIN member p ON p.timeline_key = t.key AND p.account_key <> $1
        JOIN account a ON a.key = coalesce(p.account_key, me.account_key)
    ) AS s ON true
   WHERE u.id = $2 ORDER BY s.ord`

function stateOf(row: StateRow): ConversationState {
  const conversationId = mustBeConversation(row.timeline)
  return {
    conversationId,
    offset: row.offset,
    lastSeq: row.lastSeq,
    countable: row.countable,
    own: row.own,
    base: { seq: row.baseSeq, countable: row.baseCountable, own: row.baseOwn },
    uncounted: row.uncounted,
    readSeq: row.readSeq,
    peerReadSeq: row.peerReadSeq,
    peerReadAtMs: row.peerReadAtMs,
    clearedSeq: row.clearedSeq,
    hiddenSeq: row.hiddenSeq,
    ...(row.pinnedAtMs === null ? {} : { pinnedAtMs: row.pinnedAtMs }),
    ...(row.lastMessage === null ? {} : { lastMessage: messageOf(conversationId, row.lastMessage) }),
    peer: row.peer,
  }
}

function mustBeConversation(timeline: TimelineId): ConversationId {
  const conversationId = conversationOfTimeline(timeline)
  if (conversationId === undefined) throw new Error(`not a conversation's timeline: ${timeline}`)
  return conversationId
}

/** A one-to-one conversation that has not begun, as its member would see it. */
export function unbegunState(conversationId: ConversationId, peer: Profile): ConversationState {
  const nothing = { offset: 0, lastSeq: 0, countable: 0, own: 0, readSeq: 0, peerReadSeq: 0, peerReadAtMs: 0 }
  return {
    conversationId,
    ...nothing,
    base: { seq: 0, countable: 0, own: 0 },
    uncounted: [],
    clearedSeq: 0,
    hiddenSeq: 0,
    peer,
  }
}
