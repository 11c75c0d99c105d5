import type { Queryable } from '../db/db.ts'

/** A fact that must hold in every store, and how its breaches are found: a line each. */
export interface Check {
  readonly name: string
  readonly breaches: string
}

/** What has been looked at, and what is wrong with it. */
export interface CheckResult {
  readonly name: string
  /** How many breaches there are, and the first of them. */
  readonly breaches: number
  readonly examples: readonly string[]
}

const EXAMPLES = 10

/** Runs one check over the whole store, in one statement. */
export async function runCheck(db: Queryable, { name, breaches }: Check): Promise<CheckResult> {
  const rows = await db.query<{ breach: string; total: number }>(
    `SELECT b.breach, count(*) OVER () AS total FROM (${breaches}) AS b(breach) ORDER BY 1 LIMIT ${EXAMPLES}`,
  )
  return { name, breaches: rows[0]?.total ?? 0, examples: rows.map(({ breach }) => breach) }
}

/** A column that names a row of another table, with what is named. Null names nothing. */
function reference(from: string, column: string, to: string, key = 'key'): string {
  return `SELECT '${from}.${column} ' || x.${column} || ' names no ${to}' FROM ${from} x
           WHERE x.${column} IS NOT NULL AND NOT EXISTS (SELECT FROM ${to} y WHERE y.${key} = x.${column})`
}

function messageOf(from: string): string {
  // Of who has left before a message was removed for its age, a note may stay that he had deleted it.
  return `SELECT '${from} of ' || x.timeline_key || ' ' || x.seq || ' names no message' FROM ${from} x
            LEFT JOIN timeline t ON t.key = x.timeline_key
           WHERE x.seq > coalesce(t.cut_seq, 0) AND NOT EXISTS (SELECT FROM message m WHERE m.timeline_key = x.timeline_key AND m.seq = x.seq)`
}

const REFERENCES = [
  reference('message', 'timeline_key', 'timeline'),
  reference('message', 'sender_key', 'account'),
  reference('entry', 'timeline_key', 'timeline'),
  reference('member', 'timeline_key', 'timeline'),
  reference('member', 'account_key', 'account'),
  reference('receipt', 'timeline_key', 'timeline'),
  reference('receipt', 'account_key', 'account'),
  reference('login', 'account_key', 'account'),
  reference('chat_group', 'timeline_key', 'timeline'),
  reference('chat_group', 'owner_key', 'account'),
  reference('chat_group', 'founder_key', 'account'),
  reference('group_application', 'timeline_key', 'chat_group', 'timeline_key'),
  reference('group_application', 'applicant_key', 'account'),
  reference('group_restriction', 'timeline_key', 'chat_group', 'timeline_key'),
  reference('retention_rule', 'timeline_key', 'timeline'),
  reference('file', 'owner_key', 'account'),
  reference('file', 'hash', 'blob', 'hash'),
  reference('file_blob', 'hash', 'blob', 'hash'),
  reference('file_blob', 'file_id', 'file', 'id'),
  reference('file_use', 'file_id', 'file', 'id'),
  messageOf('file_use'),
  messageOf('deleted_message'),
  messageOf('reaction'),
  messageOf('message_extension'),
  messageOf('pinned_message'),
].join(' UNION ALL ')

/** Keys that are given out next, and the greatest there is. */
const SEQUENCES = ['account', 'timeline', 'login', 'group_application']
  .map(
    (table) => `SELECT 'the next key of ${table} is taken' WHERE
      (SELECT max(key) FROM ${table}) > coalesce(pg_sequence_last_value(pg_get_serial_sequence('${table}', 'key')::regclass), 0)
      AND (SELECT max(key) FROM ${table}) > 1`,
  )
  .join(' UNION ALL ')

/** Everything that can be said of a store without knowing what was done to it. */
export const CHECKS: readonly Check[] = [
  {
    name: 'the store has one epoch',
    breaches: `SELECT 'rows in store: ' || count(*) FROM store HAVING count(*) <> 1`,
  },
  {
    name: 'messages are numbered without a gap in every conversation (I3)',
    breaches: `
      SELECT t.id || ': ' || coalesce(m.n, 0) || ' messages from ' || coalesce(m.low, 0) || ' to ' || coalesce(m.high, 0)
             || ', numbered ' || t.cut_seq + 1 || ' to ' || t.last_seq
        FROM timeline t LEFT JOIN (SELECT timeline_key, count(*) AS n, min(seq) AS low, max(seq) AS high
                                     FROM message GROUP BY timeline_key) AS m ON m.timeline_key = t.key
       WHERE coalesce(m.n, 0) <> t.last_seq - t.cut_seq
          OR (m.n > 0 AND (m.low <> t.cut_seq + 1 OR m.high <> t.last_seq))`,
  },
  {
    // What was cut ends with an entry that keeps its place, see retention.
    name: 'entries are numbered without a gap in every timeline',
    breaches: `
      SELECT t.id || ': ' || coalesce(o.n, 0) || ' entries from ' || coalesce(o.low, 0) || ' to ' || coalesce(o.high, 0)
             || ', numbered ' || greatest(t.cut_offset, 1) || ' to ' || t.last_offset
        FROM timeline t LEFT JOIN (
          SELECT timeline_key, count(*) AS n, count(DISTINCT "offset") AS places, min("offset") AS low, max("offset") AS high
            FROM (SELECT timeline_key, "offset" FROM message UNION ALL SELECT timeline_key, "offset" FROM entry) AS a
           GROUP BY timeline_key) AS o ON o.timeline_key = t.key
       WHERE coalesce(o.n, 0) <> t.last_offset - greatest(t.cut_offset - 1, 0) OR o.n <> o.places
          OR (o.n > 0 AND (o.low <> greatest(t.cut_offset, 1) OR o.high <> t.last_offset))`,
  },
  {
    name: 'messages and entries are in one order',
    breaches: `
      SELECT 'message ' || a.timeline_key || ' ' || a.seq FROM (
        SELECT timeline_key, seq, "offset", lag("offset") OVER w AS earlier FROM message
        WINDOW w AS (PARTITION BY timeline_key ORDER BY seq)) AS a
       WHERE a.earlier >= a."offset"
      UNION ALL
      SELECT 'entry ' || e.timeline_key || ' ' || e."offset" FROM entry e
        JOIN timeline t ON t.key = e.timeline_key AND t.id LIKE 'c:%'
        JOIN message m ON m.timeline_key = e.timeline_key AND m.seq = e.seq AND m."offset" > e."offset"`,
  },
  {
    name: 'what counts as unread is counted right',
    breaches: `
      SELECT 'message ' || c.timeline_key || ' ' || c.seq FROM (
        SELECT timeline_key, seq, countable, lag(countable) OVER w AS before, (flags & 1 = 0)::integer AS counts
          FROM message WINDOW w AS (PARTITION BY timeline_key ORDER BY seq)) AS c
       WHERE c.countable <> c.before + c.counts OR (c.seq = 1 AND c.countable <> c.counts)
      UNION ALL
      SELECT t.id FROM timeline t JOIN message m ON m.timeline_key = t.key AND m.seq = t.last_seq
       WHERE m.countable <> t.last_countable`,
  },
  {
    name: 'every member knows how much he has said himself',
    breaches: `
      SELECT w.account_key || ' in ' || w.timeline_key || ': ' || w.own - w.base_own || ' of his own, counted ' || w.counted
        FROM (SELECT me.timeline_key, me.account_key, me.own, me.base_own, count(m.seq) AS counted
                FROM member me LEFT JOIN message m ON m.timeline_key = me.timeline_key AND m.sender_key = me.account_key
                                                  AND m.seq > me.base_seq AND m.flags & 1 = 0
               GROUP BY me.timeline_key, me.account_key) AS w
       WHERE w.own - w.base_own <> w.counted`,
  },
  {
    name: 'groups have as many members as they say',
    breaches: `
      SELECT g.id || ': ' || g.member_count || ', counted ' || count(m.account_key)
        FROM chat_group g LEFT JOIN member m ON m.timeline_key = g.timeline_key
       GROUP BY g.timeline_key HAVING g.member_count <> count(m.account_key)`,
  },
  { name: 'what is named is there', breaches: REFERENCES },
  { name: 'keys that are given out next are free', breaches: SEQUENCES },
]
