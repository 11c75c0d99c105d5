import type { ConversationId } from '@hongyan/protocol'
import type { Lane } from '../../server/src/db/lane.ts'

/** A time somebody was in a group: what lies between these numbers was for him. */
export interface Stay {
  readonly conversation: ConversationId
  readonly user: string
  readonly fromSeq: number
  readonly fromOffset: number
  readonly beforeSeq: number | null
  readonly beforeOffset: number | null
}

/** When each user was in each group, by what his own timeline and the tips in the group's say. */
export async function readStays(lane: Lane): Promise<readonly Stay[]> {
  const { rows } = await lane.run<Stay>(
    `SELECT e.body ->> 'conversationId' AS conversation, substr(u.id, 3) AS user,
            (e.body ->> 'seq')::bigint AS "fromSeq", (e.body ->> 'offset')::bigint AS "fromOffset",
            gone.seq AS "beforeSeq", gone."offset" AS "beforeOffset"
       FROM entry e JOIN timeline u ON u.key = e.timeline_key
       LEFT JOIN LATERAL (
         SELECT m.seq, m."offset" FROM message m JOIN timeline t ON t.key = m.timeline_key,
                json_array_elements(m.body -> 'elements') AS element,
                json_array_elements(element -> 'tip' -> 'users') AS person
          WHERE t.id = 'c:' || (e.body ->> 'conversationId') AND m.sender_key = 1
            AND m.seq > (e.body ->> 'seq')::bigint AND element -> 'tip' ->> 'op' IN ('quit', 'kicked')
            AND person ->> 'userId' = substr(u.id, 3)
          ORDER BY m.seq LIMIT 1) AS gone ON true
      WHERE e.body ->> 'kind' = 'joined' AND e.body ->> 'conversationId' LIKE 'group:%'`,
  )
  return rows
}

/** Numbers that are kept beside the rows: own messages, members of groups, the heads. Returns what is wrong. */
export async function findWrongCounters(lane: Lane): Promise<readonly string[]> {
  const { rows } = await lane.run<{ wrong: string }>(
    `WITH owns AS (
       SELECT me.timeline_key, me.account_key, count(m.seq) AS own
         FROM member me LEFT JOIN message m ON m.timeline_key = me.timeline_key AND m.seq > me.joined_seq
              AND m.sender_key = me.account_key AND m.flags & 1 = 0
        GROUP BY 1, 2),
     heads AS (
       SELECT t.key, count(m.seq) AS messages, count(m.seq) FILTER (WHERE m.flags & 1 = 0) AS countable
         FROM timeline t LEFT JOIN message m ON m.timeline_key = t.key GROUP BY 1),
     entries AS (SELECT timeline_key AS key, count(*) AS entries FROM entry GROUP BY 1)
     SELECT 'own of ' || me.account_key || ' in ' || me.timeline_key AS wrong
       FROM member me JOIN owns USING (timeline_key, account_key) WHERE me.own <> owns.own
     UNION ALL
     SELECT 'members of ' || g.id FROM chat_group g
      WHERE g.member_count <> (SELECT count(*) FROM member m WHERE m.timeline_key = g.timeline_key)
     UNION ALL
     SELECT 'head of ' || t.id FROM timeline t JOIN heads USING (key) LEFT JOIN entries USING (key)
      WHERE t.last_offset <> heads.messages + coalesce(entries.entries, 0) OR t.last_seq <> heads.messages
         OR t.last_countable <> heads.countable
     UNION ALL
     SELECT 'content of a revoked message: ' || m.timeline_key || ' ' || m.seq FROM message m
      WHERE m.revoked_at_ms IS NOT NULL AND json_array_length(m.body -> 'elements') > 0
     UNION ALL
     SELECT 'content of a revoked message in the log: ' || e.timeline_key || ' ' || e."offset"
       FROM entry e JOIN message m ON m.timeline_key = e.timeline_key AND m.seq = (e.body ->> 'seq')::bigint
      WHERE e.body ->> 'kind' = 'modified' AND m.revoked_at_ms IS NOT NULL
        AND jsonb_array_length(e.body -> 'elements') > 0`,
  )
  return rows.map(({ wrong }) => wrong)
}
