import type { Remind, TimelineId } from '@hongyan/protocol'
import { numberArray, type Tx } from '../db/db.ts'

/** Sets what a member wants to hear of these conversations; those he is in, and whether it was different before. */
export function setReminds(
  tx: Tx,
  accountKey: number,
  timelineKeys: readonly number[],
  remind: Remind,
): Promise<readonly { readonly timeline: TimelineId; readonly isChanged: boolean }[]> {
  return tx.query<{ timeline: TimelineId; isChanged: boolean }>(
    `WITH mine AS (
       SELECT t.id AS timeline, m.timeline_key, m.remind <> $3 AS is_changed
         FROM member m JOIN timeline t ON t.key = m.timeline_key
         LEFT JOIN chat_group g ON g.timeline_key = m.timeline_key
        WHERE m.account_key = $1 AND m.timeline_key = ANY($2::bigint[]) AND g.dismissed_at_ms IS NULL
     ), changed AS (
       UPDATE member m SET remind = $3 FROM mine
        WHERE mine.is_changed AND m.timeline_key = mine.timeline_key AND m.account_key = $1
     )
     SELECT timeline, is_changed AS "isChanged" FROM mine ORDER BY timeline_key`,
    [accountKey, numberArray(timelineKeys), remind],
  )
}
