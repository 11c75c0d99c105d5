import type { TimelineId, UserId } from '@hongyan/protocol'
import { numberArray, type Queryable } from '../db/db.ts'

/** A member in a conversation whose numbers are recounted. */
export interface Sampled {
  readonly timeline: TimelineId
  readonly timelineKey: number
  readonly accountKey: number
  readonly userId: UserId
}

/**
 * Members at random places: each pair of fractions chooses a conversation and a member of it. A few steps along the primary
 * key each, whatever the table's size. What is dismissed or has no unread numbers is left out, and twins are one.
 */
export async function readSample(
  db: Queryable,
  places: readonly { readonly conversation: number; readonly member: number }[],
): Promise<readonly Sampled[]> {
  return db.query<Sampled>(
    `SELECT DISTINCT t.id AS timeline, w.timeline_key AS "timelineKey", w.account_key AS "accountKey", a.id AS "userId"
       FROM unnest($1::float8[], $2::float8[]) AS f(conversation, member)
      CROSS JOIN (SELECT min(timeline_key) AS low, max(timeline_key) AS high FROM member) AS r
      CROSS JOIN LATERAL (SELECT timeline_key FROM member
                           WHERE timeline_key >= r.low + floor(f.conversation * (r.high - r.low + 1))
                           ORDER BY timeline_key LIMIT 1) AS c
      CROSS JOIN LATERAL (SELECT min(account_key) AS low, max(account_key) AS high FROM member
                           WHERE timeline_key = c.timeline_key) AS g
      CROSS JOIN LATERAL (SELECT timeline_key, account_key FROM member
                           WHERE timeline_key = c.timeline_key
                             AND account_key >= g.low + floor(f.member * (g.high - g.low + 1))
                           ORDER BY account_key LIMIT 1) AS w
       JOIN timeline t ON t.key = w.timeline_key JOIN account a ON a.key = w.account_key
       LEFT JOIN chat_group x ON x.timeline_key = w.timeline_key
      WHERE x.timeline_key IS NULL OR (x.dismissed_at_ms IS NULL AND x.type <> 'live')`,
    [numberArray(places.map((place) => place.conversation)), numberArray(places.map((place) => place.member))],
  )
}
