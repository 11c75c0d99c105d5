import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lane } from '../../src/db/lane.ts'
import { withAdmin } from './postgres.ts'

/** What counting gives for one member of one conversation. */
export interface Recount {
  readonly conversationId: string
  readonly userId: string
  readonly unread: number
}

/** A time somebody was in a group: messages between these numbers were his. */
export interface StayRow {
  readonly conversationId: string
  readonly userId: string
  readonly from: number
  readonly before: number | null
}

/** The books of a server that has come to rest, read by brute force from its embedded database. */
export function readBooks<T>(dataDir: string, work: (lane: Lane) => Promise<T>): Promise<T> {
  const folder = join(dataDir, 'postgres')
  const password = readFileSync(join(folder, 'hongyan.password'), 'utf8').trim()
  return withAdmin(`postgres://hongyan:${password}@localhost/hongyan?host=${encodeURIComponent(folder)}`, work)
}

/** Unread numbers: every message after all marks that counts, is of somebody else, and is neither revoked nor deleted. */
export async function recountUnread(lane: Lane): Promise<readonly Recount[]> {
  const { rows } = await lane.run<Recount>(
    `SELECT substr(t.id, 3) AS "conversationId", a.id AS "userId",
            (SELECT count(*) FROM message m
              WHERE m.timeline_key = me.timeline_key AND m.sender_key <> me.account_key AND m.flags & 1 = 0
                AND m.seq > greatest(me.read_seq, me.hidden_seq, me.cleared_seq, me.joined_seq)
                AND m.revoked_at_ms IS NULL
                AND NOT EXISTS (SELECT FROM deleted_message x WHERE x.account_key = me.account_key
                                   AND x.timeline_key = me.timeline_key AND x.seq = m.seq))::integer AS unread
       FROM member me JOIN timeline t ON t.key = me.timeline_key JOIN account a ON a.key = me.account_key`,
  )
  return rows
}

/** Counters that are kept beside the rows: own messages, members of groups, the heads. Returns what is wrong. */
export async function findWrongCounters(lane: Lane): Promise<readonly string[]> {
  const { rows } = await lane.run<{ wrong: string }>(
    `SELECT 'own of ' || me.account_key || ' in ' || me.timeline_key AS wrong
       FROM member me JOIN timeline t ON t.key = me.timeline_key
      WHERE me.own <> (SELECT count(*) FROM message m WHERE m.timeline_key = me.timeline_key AND m.seq > me.joined_seq
                          AND m.sender_key = me.account_key AND m.flags & 1 = 0)
     UNION ALL
     SELECT 'members of ' || g.id FROM chat_group g
      WHERE g.member_count <> (SELECT count(*) FROM member m WHERE m.timeline_key = g.timeline_key)
     UNION ALL
     SELECT 'head of ' || t.id FROM timeline t
      WHERE t.last_offset <> (SELECT count(*) FROM message m WHERE m.timeline_key = t.key)
                             + (SELECT count(*) FROM entry e WHERE e.timeline_key = t.key)
         OR t.last_seq <> (SELECT count(*) FROM message m WHERE m.timeline_key = t.key)
         OR t.last_countable <> (SELECT count(*) FROM message m WHERE m.timeline_key = t.key AND m.flags & 1 = 0)
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

/** When each user was in each group, by what his own timeline and the tips in the group's say. */
export async function readStays(lane: Lane): Promise<readonly StayRow[]> {
  const { rows } = await lane.run<StayRow>(
    `SELECT e.body ->> 'conversationId' AS "conversationId", substr(u.id, 3) AS "userId",
            (e.body ->> 'seq')::integer AS "from",
            (SELECT min(m.seq)::integer FROM message m JOIN timeline t ON t.key = m.timeline_key,
                    json_array_elements(m.body -> 'elements') AS element,
                    json_array_elements(element -> 'tip' -> 'users') AS person
              WHERE t.id = 'c:' || (e.body ->> 'conversationId') AND m.sender_key = 1
                AND m.seq > (e.body ->> 'seq')::bigint AND element -> 'tip' ->> 'op' IN ('quit', 'kicked')
                AND person ->> 'userId' = substr(u.id, 3)) AS before
       FROM entry e JOIN timeline u ON u.key = e.timeline_key
      WHERE e.body ->> 'kind' = 'joined' AND e.body ->> 'conversationId' LIKE 'group:%'`,
  )
  return rows
}
