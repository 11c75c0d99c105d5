import type { GroupType, Seq, TimelineId } from '@hongyan/protocol'
import type { Queryable } from '../db/db.ts'
import type { OwnRule } from './retention-rules.ts'

/** A conversation, and when the oldest of its messages was sent that is still there. */
export interface Oldest {
  readonly timelineKey: number
  readonly timeline: TimelineId
  readonly groupType: GroupType | null
  readonly oldestAtMs: number | null
  readonly lastSeq: Seq
  readonly cutSeq: Seq
  readonly rule: OwnRule | null
}

/** The next conversations by their keys, each with its oldest message: a step along an index each. Users' own timelines are passed over. */
export async function readOldest(db: Queryable, afterKey: number, limit: number): Promise<readonly Oldest[]> {
  return db.query<Oldest>(
    `SELECT t.key AS "timelineKey", t.id AS timeline, g.type AS "groupType", m.sent_at_ms AS "oldestAtMs",
            t.last_seq AS "lastSeq", t.cut_seq AS "cutSeq",
            CASE WHEN r.timeline_key IS NOT NULL
                 THEN json_build_object('days', r.days, 'heldBecause', r.held_because) END AS rule
       FROM timeline t
       LEFT JOIN message m ON m.timeline_key = t.key AND m.seq = t.cut_seq + 1
       LEFT JOIN chat_group g ON g.timeline_key = t.key
       LEFT JOIN retention_rule r ON r.timeline_key = t.key
      WHERE t.key > $1 ORDER BY t.key LIMIT $2`,
    [afterKey, limit],
  )
}

/** What a conversation's expired messages are. Times grow with the numbers inside a conversation. */
export interface Expired {
  readonly messages: number
  readonly files: number
}

/** How many messages would go, and how many files they alone show. Reads them all: for a person who asks, not for a loop. */
export async function countExpired(db: Queryable, timelineKey: number, beforeMs: number): Promise<Expired> {
  const [row] = await db.query<Expired>(
    `WITH gone AS MATERIALIZED (
       SELECT m.seq FROM message m WHERE m.timeline_key = $1 AND m.sent_at_ms < $2)
     SELECT (SELECT count(*) FROM gone) AS messages,
            (SELECT count(DISTINCT u.file_id) FROM file_use u
              WHERE u.timeline_key = $1 AND u.seq IN (SELECT seq FROM gone)
                AND NOT EXISTS (SELECT FROM file_use o WHERE o.file_id = u.file_id
                                   AND (o.timeline_key <> $1 OR o.seq NOT IN (SELECT seq FROM gone)))) AS files`,
    [timelineKey, beforeMs],
  )
  return row ?? { messages: 0, files: 0 }
}

/** Up to where the next batch goes: the last message sent before the time, among the next so many. Undefined for none. */
export async function readCut(
  db: Queryable,
  timelineKey: number,
  beforeMs: number,
  limit: number,
): Promise<{ readonly seq: Seq; readonly offset: number; readonly countable: number } | undefined> {
  const [row] = await db.query<{ seq: Seq; offset: number; countable: number; sentAtMs: number }>(
    `SELECT b.* FROM (
       SELECT m.seq, m."offset", m.countable, m.sent_at_ms AS "sentAtMs" FROM message m
        WHERE m.timeline_key = $1 AND m.seq > (SELECT cut_seq FROM timeline WHERE key = $1)
        ORDER BY m.seq LIMIT $3) AS b
      WHERE b."sentAtMs" < $2 ORDER BY b.seq DESC LIMIT 1`,
    [timelineKey, beforeMs, limit],
  )
  return row
}

/** Members whose unread counting starts before a message that is to go: they must not go on counting it. */
export async function readBehind(
  db: Queryable,
  timelineKey: number,
  seq: Seq,
  limit: number,
): Promise<readonly { readonly accountKey: number; readonly own: TimelineId }[]> {
  return db.query<{ accountKey: number; own: TimelineId }>(
    `SELECT me.account_key AS "accountKey", 'u:' || a.id AS own
       FROM member me JOIN account a ON a.key = me.account_key
      WHERE me.timeline_key = $1 AND me.base_seq < $2 ORDER BY me.account_key LIMIT $3`,
    [timelineKey, seq, limit],
  )
}

/** True when any conversation has a rule of its own by which something goes. */
export async function hasOwnDays(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ is: boolean }>('SELECT EXISTS (SELECT FROM retention_rule WHERE days > 0) AS is')
  return row?.is === true
}
