import { LIMITS, type ConversationId, type Seq } from '@hongyan/protocol'
import { SYSTEM_ACCOUNT_KEY } from '../accounts/account-rules.ts'
import { numberArray, textArray, type Queryable } from '../db/db.ts'
import { firstSeqAt } from '../messaging/message-reader.ts'
import { MESSAGE_COLUMNS, MESSAGE_PEOPLE, type MessageRow } from '../timelines/message-row.ts'
import { jsonPatternsOf, patternsOf, type Match } from './keyword-rules.ts'
import type { Extent, SliceHits } from './walk-rules.ts'

/** Between which times messages are sought: from `sinceMs` on, before `beforeMs`; undefined for no bound. */
export interface Times {
  readonly sinceMs: number | undefined
  readonly beforeMs: number | undefined
}

/**
 * What of the user's conversations lies between these times, as far as he sees it: of one, where it is named, else of those
 * in which something was said last. None that he is not a member of, and none with the server.
 */
export async function readExtents(
  db: Queryable,
  accountKey: number,
  { sinceMs, beforeMs }: Times,
  conversationId?: ConversationId,
): Promise<readonly Extent[]> {
  const parameters = [accountKey, beforeMs ?? null, sinceMs ?? null]
  if (conversationId === undefined) return db.query<Extent>(EXTENTS_OF_ALL, parameters)
  return db.query<Extent>(EXTENTS_OF_ONE, [...parameters, `c:${conversationId}`])
}

const firstAt = (time: string): string => firstSeqAt('t.key', 't.last_seq', time)

function extentsOf(conversations: string): string {
  return `
  SELECT e."timelineKey", e."conversationId", e.after, e."upTo",
         CASE WHEN e."upTo" = e.last_seq THEN e.last_sent_at_ms
              ELSE (SELECT m.sent_at_ms FROM message m WHERE m.timeline_key = e."timelineKey" AND m.seq = e."upTo")
         END AS "lastAtMs"
    FROM (
      SELECT t.key AS "timelineKey", substr(t.id, 3) AS "conversationId", t.last_seq, t.last_sent_at_ms,
             CASE WHEN $3::bigint IS NULL THEN greatest(me.cleared_seq, t.cut_seq)
                  ELSE greatest(me.cleared_seq, t.cut_seq, ${firstAt('$3')} - 1) END AS after,
             CASE WHEN $2::bigint IS NULL OR t.last_sent_at_ms < $2 THEN t.last_seq
                  ELSE ${firstAt('$2')} - 1 END AS "upTo"
        FROM ${conversations}
        LEFT JOIN chat_group g ON g.timeline_key = t.key
       WHERE me.account_key = $1 AND g.dismissed_at_ms IS NULL
       ORDER BY t.last_sent_at_ms DESC, t.key DESC LIMIT ${LIMITS.searchedConversations}
    ) AS e`
}

const EXTENTS_OF_ALL = `${extentsOf(`member me JOIN timeline t ON t.key = me.timeline_key
         AND t.last_seq > me.cleared_seq AND ($3::bigint IS NULL OR t.last_sent_at_ms >= $3) AND t.id NOT LIKE 'c:system:%'`)}
   WHERE e."upTo" > e.after`

const EXTENTS_OF_ONE = extentsOf('timeline t JOIN member me ON me.timeline_key = t.key AND t.id = $4')

export interface MessageQuery {
  readonly accountKey: number
  readonly slices: readonly {
    readonly extent: { readonly timelineKey: number }
    readonly after: Seq
    readonly upTo: Seq
  }[]
  readonly keywords: readonly string[]
  readonly match: Match
  /** Of anybody, and of any type, where there is none. */
  readonly senderIds: readonly string[]
  readonly types: readonly string[]
  /** The newest so many messages of a slice; 0 for those alone that are the only ones in theirs. */
  readonly shown: number
}

/**
 * What is found in each slice, by its place in the list; a slice without hits is absent. Only what the user sees at this
 * very moment: the right is read in the same snapshot as what it opens, by the rules of the history (promise I11).
 */
export async function readHits(
  db: Queryable,
  query: MessageQuery,
): Promise<ReadonlyMap<number, SliceHits<MessageRow>>> {
  const { slices, keywords } = query
  const rows = await db.query<{ slice: number; count: number; messages: MessageRow[] | null }>(
    // Without keywords every message is a hit, which is what "all of none" says.
    keywords.length === 0 || query.match === 'all' ? HITS.all : HITS.any,
    [
      query.accountKey,
      numberArray(slices.map(({ extent }) => extent.timelineKey)),
      numberArray(slices.map(({ after }) => after)),
      numberArray(slices.map(({ upTo }) => upTo)),
      textArray(jsonPatternsOf(keywords)),
      textArray(patternsOf(keywords)),
      textArray(query.senderIds),
      textArray(query.types),
      query.shown,
    ],
  )
  return new Map(rows.map(({ slice, count, messages }) => [slice - 1, { count, messages: messages ?? [] }]))
}

/** What of a message is looked through. */
const SAID = `lower(string_agg(CASE e ->> 'type'
                WHEN 'text' THEN e ->> 'text' WHEN 'file' THEN e ->> 'name' WHEN 'merger' THEN e ->> 'title'
                WHEN 'custom' THEN e ->> 'description' WHEN 'location' THEN e ->> 'description' END, E'\\n'))`

// The bounds stand behind an OFFSET 0, so that they are known when the messages are read: then only what lies between
// them is. What the user has cleared is a map: a join could go through all his conversations for each slice. The tests of a message go from the cheap to the dear, and a CASE is what keeps them in that order.
function hitsBy(quantifier: 'ALL' | 'ANY'): string {
  return `
  WITH hit AS MATERIALIZED (
    SELECT b.slice, b.key, h.seq
      FROM (SELECT s.slice, s.key, greatest(s.after, (mine.cleared ->> s.key::text)::bigint) AS after, s.up_to
              FROM (SELECT jsonb_object_agg(me.timeline_key, me.cleared_seq) AS cleared
                      FROM member me LEFT JOIN chat_group g ON g.timeline_key = me.timeline_key
                     WHERE me.account_key = $1 AND me.timeline_key = ANY($2::bigint[]) AND g.dismissed_at_ms IS NULL) AS mine
             CROSS JOIN unnest($2::bigint[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS s(key, after, up_to, slice)
             WHERE mine.cleared ? s.key::text OFFSET 0) AS b
     CROSS JOIN LATERAL (
       SELECT m.seq FROM message m
        WHERE m.timeline_key = b.key AND m.seq > b.after AND m.seq <= b.up_to
          AND m.revoked_at_ms IS NULL AND m.sender_key <> ${SYSTEM_ACCOUNT_KEY}
          AND (m.receivers IS NULL OR m.sender_key = $1 OR $1::bigint = ANY(m.receivers))
          AND (cardinality($7::text[]) = 0
               OR m.sender_key = ANY(ARRAY(SELECT a.key FROM account a WHERE a.id = ANY($7::text[]))))
          AND CASE
              WHEN NOT lower(m.body::text) LIKE ${quantifier} (ARRAY(SELECT lower(p) FROM unnest($5::text[]) AS p)) THEN false
              WHEN cardinality($8::text[]) > 0 AND NOT m.body #>> '{elements,0,type}' = ANY($8::text[]) THEN false
              WHEN NOT coalesce((SELECT ${SAID} FROM json_array_elements(m.body -> 'elements') AS e), '')
                       LIKE ${quantifier} (ARRAY(SELECT lower(p) FROM unnest($6::text[]) AS p)) THEN false
              ELSE (SELECT d.seq FROM deleted_message d
                     WHERE d.account_key = $1 AND d.timeline_key = b.key AND d.seq = m.seq) IS NULL END
        ORDER BY m.seq DESC OFFSET 0) AS h)
  SELECT f.slice, f.count,
         CASE WHEN $9::integer > 0 OR f.count = 1 THEN
           (SELECT json_agg(x ORDER BY x.seq DESC) FROM (
              SELECT ${MESSAGE_COLUMNS} FROM message m ${MESSAGE_PEOPLE}
               WHERE m.timeline_key = f.key AND m.seq = ANY(f.seqs[1:greatest($9::integer, 1)])) AS x) END AS messages
    FROM (SELECT slice, key, count(*) AS count, array_agg(seq ORDER BY seq DESC) AS seqs FROM hit GROUP BY slice, key) AS f`
}

const HITS: Readonly<Record<Match, string>> = { all: hitsBy('ALL'), any: hitsBy('ANY') }
