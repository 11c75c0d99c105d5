import type { TimelineId, UnreadBase } from '@hongyan/protocol'
import type { Account } from '../accounts/account-reader.ts'
import { numberArray, type Tx } from '../db/db.ts'
import type { LockedTimeline } from '../timelines/timeline-writer.ts'

/** Creates a conversation's timeline and members. False when it exists already. */
export async function insertConversation(tx: Tx, timeline: TimelineId, members: readonly Account[]): Promise<boolean> {
  const [created] = await tx.query<{ key: number }>(
    'INSERT INTO timeline (id) VALUES ($1) ON CONFLICT (id) DO NOTHING RETURNING key',
    [timeline],
  )
  if (!created) return false
  await tx.query('INSERT INTO member (timeline_key, account_key) SELECT $1::bigint, * FROM unnest($2::bigint[])', [
    created.key,
    numberArray(members.map(({ key }) => key)),
  ])
  return true
}

/** Raises a member's unread base and read mark; marks never sink (promise I5). */
export async function raiseReadMark(
  tx: Tx,
  member: { readonly timelineKey: number; readonly accountKey: number },
  base: UnreadBase,
  atMs: number,
): Promise<void> {
  await tx.query(
    `UPDATE member SET read_seq = $3, read_at_ms = $6,
            base_seq = greatest(base_seq, $3), base_countable = greatest(base_countable, $4),
            base_own = greatest(base_own, $5)
      WHERE timeline_key = $1 AND account_key = $2 AND read_seq < $3`,
    [member.timelineKey, member.accountKey, base.seq, base.countable, base.own, atMs],
  )
}

/** Raises a member's marks to the heads of these locked timelines; the new unread base of each conversation he is in. */
export async function raiseMarks(
  tx: Tx,
  accountKey: number,
  timelines: readonly LockedTimeline[],
  marks: { readonly isHidden: boolean; readonly isCleared: boolean },
): Promise<ReadonlyMap<number, UnreadBase>> {
  const rows = await tx.query<UnreadBase & { readonly timelineKey: number }>(
    `UPDATE member m SET base_seq = t.last_seq, base_countable = t.last_countable, base_own = m.own,
            hidden_seq = CASE WHEN $3 THEN t.last_seq ELSE m.hidden_seq END,
            cleared_seq = CASE WHEN $4 THEN t.last_seq ELSE m.cleared_seq END
       FROM timeline t
      WHERE m.timeline_key = ANY($2::bigint[]) AND m.account_key = $1 AND t.key = m.timeline_key
      RETURNING m.timeline_key AS "timelineKey", m.base_seq AS seq, m.base_countable AS countable, m.base_own AS own`,
    [accountKey, numberArray(timelines.map(({ key }) => key)), marks.isHidden, marks.isCleared],
  )
  return new Map(rows.map(({ timelineKey, ...base }) => [timelineKey, base]))
}

/** Pins, or unpins with null. */
export async function updatePin(
  tx: Tx,
  timelineKey: number,
  accountKey: number,
  pinnedAtMs: number | null,
): Promise<void> {
  await tx.query('UPDATE member SET pinned_at_ms = $3 WHERE timeline_key = $1 AND account_key = $2', [
    timelineKey,
    accountKey,
    pinnedAtMs,
  ])
}
