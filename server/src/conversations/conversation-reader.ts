import {
  conversationOfTimeline,
  LIMITS,
  parseConversationId,
  type About,
  type ConversationId,
  type ConversationState,
  type Mention,
  type Offset,
  type Profile,
  type Remind,
  type Seq,
  type TimelineId,
} from '@hongyan/protocol'
import { numberArray, textArray, type Queryable } from '../db/db.ts'
import { GROUP_COLUMNS, groupOfRow, membershipOf, type GroupRow, type MemberRow } from './group-row.ts'
import { MESSAGE_COLUMNS, MESSAGE_PEOPLE, messageOf, type MessageRow } from '../timelines/message-row.ts'

/** A conversation a user is a member of. */
export interface Membership {
  readonly timeline: TimelineId
  readonly timelineKey: number
  readonly lastOffset: Offset
  /** Where he came: nothing up to there was for him. */
  readonly joinedOffset: Offset
}

/** A page of a user's conversations, with where his own timeline stood when it was read. */
export interface MembershipsPage {
  readonly userOffset: Offset
  readonly memberships: readonly Membership[]
}

/**
 * A user's conversations below a key, the youngest first: an order that nothing can change while pages are fetched. One
 * statement with his own timeline's head, so that a conversation which begins after it is told of by an entry after it
 * (simulator, seed 12).
 */
export async function readMemberships(
  db: Queryable,
  user: { readonly accountKey: number; readonly userTimeline: TimelineId },
  page: { readonly belowKey: number; readonly limit: number },
): Promise<MembershipsPage> {
  const rows = await db.query<Membership & { readonly userOffset: Offset }>(
    `SELECT u.last_offset AS "userOffset", s.timeline, s."timelineKey", s."lastOffset", s."joinedOffset"
       FROM timeline u LEFT JOIN LATERAL (
         SELECT t.id AS timeline, t.key AS "timelineKey", t.last_offset AS "lastOffset",
                m.joined_offset AS "joinedOffset"
           FROM member m JOIN timeline t ON t.key = m.timeline_key
           LEFT JOIN chat_group g ON g.timeline_key = m.timeline_key
          WHERE m.account_key = $1 AND m.timeline_key < $3 AND g.dismissed_at_ms IS NULL
          ORDER BY m.timeline_key DESC LIMIT $4) AS s ON true
      WHERE u.id = $2`,
    [user.accountKey, user.userTimeline, page.belowKey, page.limit],
  )
  return {
    userOffset: rows[0]?.userOffset ?? 0,
    memberships: rows.filter(({ timeline }) => timeline !== null),
  }
}

/** Somebody's place in a conversation, if he has one. */
export interface Place {
  readonly accountKey: number
  readonly timeline: TimelineId
}

/** Those of these places that there are. */
export async function readMembershipsAt(
  db: Queryable,
  places: readonly Place[],
): Promise<readonly (Membership & Place)[]> {
  if (places.length === 0) return []
  return db.query<Membership & Place>(
    `SELECT w.account_key AS "accountKey", t.id AS timeline, t.key AS "timelineKey", t.last_offset AS "lastOffset",
            m.joined_offset AS "joinedOffset"
       FROM unnest($1::bigint[], $2::text[]) AS w(account_key, id) JOIN timeline t ON t.id = w.id
       JOIN member m ON m.timeline_key = t.key AND m.account_key = w.account_key
       LEFT JOIN chat_group g ON g.timeline_key = t.key
      WHERE g.dismissed_at_ms IS NULL`,
    [numberArray(places.map(({ accountKey }) => accountKey)), textArray(places.map(({ timeline }) => timeline))],
  )
}

interface StateRow {
  readonly timeline: TimelineId
  readonly timelineKey: number
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
  readonly remind: Remind
  readonly mentions: Mention[]
  readonly lastMessage: MessageRow | null
  readonly peer: Profile | null
  readonly group: GroupRow | null
  readonly self: Pick<MemberRow, 'role' | 'nameCard' | 'joinedAtMs' | 'mutedUntilMs' | 'custom'>
  readonly epoch: string
}

export interface StatesPage {
  /** The state of the store this is true for. */
  readonly epoch: string
  readonly states: readonly { readonly timelineKey: number; readonly state: ConversationState }[]
}

/** These conversations as their member sees them, in the order asked for; one statement, so all of one moment. */
export async function readStates(
  db: Queryable,
  accountKey: number,
  timelineKeys: readonly number[],
): Promise<StatesPage> {
  const rows = await db.query<StateRow | { readonly timeline: null; readonly epoch: string }>(STATES, [
    accountKey,
    numberArray(timelineKeys),
  ])
  const states = rows.flatMap((row) =>
    row.timeline === null ? [] : [{ timelineKey: row.timelineKey, state: stateOf(row) }],
  )
  return { epoch: rows[0]?.epoch ?? '', states }
}

/** What of a message `m` the member `me` may see. */
const FOR_ME = `(m.receivers IS NULL OR m.sender_key = me.account_key OR me.account_key = ANY(m.receivers))`

// The store stands on the left, so that its epoch is there even without any conversation. The peer is looked for under no
// key at all in a group: asked for as a condition beside the key, all its members would be read. What a message mentions is
// taken out of its body once (OFFSET 0), not for each question about it.
const STATES = `
  SELECT store.epoch, s.*
    FROM store
    LEFT JOIN LATERAL (
      SELECT t.id AS timeline, t.key AS "timelineKey", t.last_offset AS "offset", t.last_seq AS "lastSeq",
             t.last_countable AS countable, me.own, me.base_seq AS "baseSeq", me.base_countable AS "baseCountable",
             me.base_own AS "baseOwn", me.read_seq AS "readSeq", me.cleared_seq AS "clearedSeq",
             me.hidden_seq AS "hiddenSeq", me.pinned_at_ms AS "pinnedAtMs", me.remind,
             CASE WHEN g.timeline_key IS NULL THEN coalesce(p.read_seq, me.read_seq) ELSE 0 END AS "peerReadSeq",
             CASE WHEN g.timeline_key IS NULL THEN coalesce(p.read_at_ms, me.read_at_ms) ELSE 0 END AS "peerReadAtMs",
             CASE WHEN g.timeline_key IS NULL
                  THEN json_build_object('userId', a.id, 'nick', a.nick, 'avatar', a.avatar) END AS peer,
             CASE WHEN g.timeline_key IS NOT NULL
                  THEN (SELECT to_json(x) FROM (SELECT ${GROUP_COLUMNS}) AS x) END AS "group",
             json_build_object('role', me.role, 'nameCard', me.name_card, 'joinedAtMs', me.joined_at_ms,
                               'mutedUntilMs', me.muted_until_ms, 'custom', me.custom) AS self,
             (SELECT coalesce(json_agg(x.seq ORDER BY x.seq), '[]') FROM (
                SELECT r.seq FROM message r
                 WHERE r.timeline_key = t.key AND r.seq > me.base_seq AND r.revoked_at_ms IS NOT NULL
                   AND r.sender_key <> me.account_key AND r.flags & 1 = 0
                UNION
                SELECT d.seq FROM deleted_message d
                 WHERE d.account_key = me.account_key AND d.timeline_key = t.key AND d.seq > me.base_seq AND d.counted
             ) AS x) AS uncounted,
             (SELECT coalesce(json_agg(x.mention ORDER BY x.seq), '[]') FROM (
                SELECT m.seq, json_build_object('seq', m.seq, 'senderId', s.id, 'who',
                         CASE WHEN NOT c.mentions @> '{"all":true}' THEN 'me'
                              WHEN c.mentions -> 'userIds' ? mine.id THEN 'both' ELSE 'all' END) AS mention
                  FROM message m CROSS JOIN LATERAL (SELECT (m.body -> 'mentions')::jsonb AS mentions OFFSET 0) AS c
                  JOIN account s ON s.key = m.sender_key
                 WHERE m.timeline_key = t.key AND m.flags & 8 <> 0 AND m.seq > me.base_seq
                   AND m.revoked_at_ms IS NULL AND m.sender_key <> me.account_key
                   AND (c.mentions @> '{"all":true}' OR c.mentions -> 'userIds' ? mine.id)
                 ORDER BY m.seq DESC LIMIT ${LIMITS.mentionsKept}) AS x) AS mentions,
             (SELECT to_json(l) FROM (
                SELECT ${MESSAGE_COLUMNS} FROM message m ${MESSAGE_PEOPLE}
                 WHERE m.timeline_key = t.key AND m.seq > me.cleared_seq AND m.flags & 2 = 0 AND ${FOR_ME}
                   AND NOT EXISTS (SELECT FROM deleted_message d WHERE d.account_key = me.account_key
                                      AND d.timeline_key = t.key AND d.seq = m.seq)
                 ORDER BY m.seq DESC LIMIT 1) AS l) AS "lastMessage",
             k.ord
        FROM unnest($2::bigint[]) WITH ORDINALITY AS k(key, ord)
        JOIN timeline t ON t.key = k.key
        JOIN member me ON me.timeline_key = t.key AND me.account_key = $1
        JOIN account mine ON mine.key = me.account_key
        LEFT JOIN chat_group g ON g.timeline_key = t.key
        LEFT JOIN account o ON o.key = g.owner_key
        LEFT JOIN member p ON p.timeline_key = CASE WHEN g.timeline_key IS NULL THEN t.key END AND p.account_key <> $1
        LEFT JOIN account a ON a.key = coalesce(p.account_key, me.account_key) AND g.timeline_key IS NULL
       WHERE g.dismissed_at_ms IS NULL
    ) AS s ON true
   ORDER BY s.ord`

function stateOf(row: StateRow): ConversationState {
  const conversationId = mustBeConversation(row.timeline)
  const about = aboutOf(conversationId, row)
  // Nobody else reads what the server tells a user (simulator, seed 9).
  const [peerReadSeq, peerReadAtMs] = about.type === 'c2c' ? [row.peerReadSeq, row.peerReadAtMs] : [0, 0]
  return {
    conversationId,
    about,
    offset: row.offset,
    lastSeq: row.lastSeq,
    countable: row.countable,
    own: row.own,
    base: { seq: row.baseSeq, countable: row.baseCountable, own: row.baseOwn },
    uncounted: row.uncounted,
    readSeq: row.readSeq,
    peerReadSeq,
    peerReadAtMs,
    clearedSeq: row.clearedSeq,
    hiddenSeq: row.hiddenSeq,
    ...(row.pinnedAtMs === null ? {} : { pinnedAtMs: row.pinnedAtMs }),
    remind: row.remind,
    mentions: row.mentions,
    ...(row.lastMessage === null ? {} : { lastMessage: messageOf(conversationId, row.lastMessage) }),
  }
}

function aboutOf(conversationId: ConversationId, { group, peer, self }: StateRow): About {
  if (group) return { type: 'group', group: groupOfRow(group), self: membershipOf(self) }
  if (parseConversationId(conversationId)?.type === 'system' || !peer) return { type: 'system' }
  return { type: 'c2c', peer }
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
    about: { type: 'c2c', peer },
    ...nothing,
    base: { seq: 0, countable: 0, own: 0 },
    uncounted: [],
    clearedSeq: 0,
    hiddenSeq: 0,
    remind: 'notify',
    mentions: [],
  }
}
