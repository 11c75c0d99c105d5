import type { Seq, UnreadBase } from '@hongyan/protocol'
import type { Queryable } from '../db/db.ts'
import type { LockedTimeline } from '../timelines/timeline-writer.ts'

/** A member's own marks in one conversation. They only grow. */
export interface MemberMarks {
  readonly timelineKey: number
  readonly accountKey: number
  readonly own: number
  readonly baseSeq: Seq
  readonly baseCountable: number
  readonly baseOwn: number
  readonly readSeq: Seq
  readonly readAtMs: number
  readonly clearedSeq: Seq
  readonly hiddenSeq: Seq
  readonly pinnedAtMs: number | null
  /** Where he came: nothing up to there was for him. */
  readonly joinedSeq: Seq
}

/** The member's marks, or undefined for somebody who is not a member. */
export async function readMarks(
  db: Queryable,
  timelineKey: number,
  accountKey: number,
): Promise<MemberMarks | undefined> {
  const [row] = await db.query<MemberMarks>(
    `SELECT m.timeline_key AS "timelineKey", m.account_key AS "accountKey", m.own, m.base_seq AS "baseSeq",
            m.base_countable AS "baseCountable", m.base_own AS "baseOwn", m.read_seq AS "readSeq",
            m.read_at_ms AS "readAtMs", m.cleared_seq AS "clearedSeq", m.hidden_seq AS "hiddenSeq",
            m.pinned_at_ms AS "pinnedAtMs", m.joined_seq AS "joinedSeq"
       FROM member m LEFT JOIN chat_group g ON g.timeline_key = m.timeline_key
      WHERE m.timeline_key = $1 AND m.account_key = $2 AND g.dismissed_at_ms IS NULL`,
    [timelineKey, accountKey],
  )
  return row
}

/**
 * The unread base at `seq`, under the timeline's lock. At the head it is what the rows say; below it the own messages
 * after it are counted, which are few: nobody writes much after what he has not read.
 */
export async function readBaseAt(
  db: Queryable,
  timeline: LockedTimeline,
  marks: MemberMarks,
  seq: Seq,
): Promise<UnreadBase> {
  if (seq >= timeline.lastSeq) return { seq: timeline.lastSeq, countable: timeline.lastCountable, own: marks.own }
  const [row] = await db.query<{ countable: number; ownAfter: number }>(
    `SELECT (SELECT countable FROM message WHERE timeline_key = $1 AND seq = $3) AS countable,
            (SELECT count(*) FROM message
              WHERE timeline_key = $1 AND seq > $3 AND sender_key = $2 AND flags & 1 = 0) AS "ownAfter"`,
    [timeline.key, marks.accountKey, seq],
  )
  // A message that is not there has been removed for its age, and lies before his base.
  return { seq, countable: row?.countable ?? marks.baseCountable, own: marks.own - (row?.ownAfter ?? 0) }
}
