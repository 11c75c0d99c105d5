import type { GroupId, GroupType } from '@hongyan/protocol'
import { GROUP_COLUMNS, MEMBER_COLUMNS, type GroupRow, type MemberRow } from '../conversations/group-row.ts'
import { textArray, type Queryable } from '../db/db.ts'
import { patternsOf, type Match } from './keyword-rules.ts'
import type { WalkedRow } from './list-rules.ts'

export interface GroupQuery {
  readonly accountKey: number
  readonly keywords: readonly string[]
  readonly match: Match
  /** Of these types; of any where there is none. */
  readonly types: readonly GroupType[]
  /** Types of groups that anybody may find. */
  readonly findable: readonly GroupType[]
  readonly below: number
  readonly limit: number
  /** Groups that are looked through. */
  readonly window: number
}

export type FoundGroupRow = WalkedRow & GroupRow

/** Groups by name or id, the youngest first: the user's own and those that anybody may find. One row without a place where there is none. */
export async function readGroups(db: Queryable, query: GroupQuery): Promise<readonly FoundGroupRow[]> {
  return db.query<FoundGroupRow>(GROUPS[query.match], [
    query.accountKey,
    query.below,
    textArray(patternsOf(query.keywords)),
    textArray(query.types),
    textArray(query.findable),
    query.limit,
    query.window,
  ])
}

function groupsBy(quantifier: 'ALL' | 'ANY'): string {
  return `
  WITH walked AS MATERIALIZED (
         SELECT g.timeline_key AS key, g.type,
                g.dismissed_at_ms IS NULL AND (cardinality($4::text[]) = 0 OR g.type = ANY($4::text[]))
                AND lower(g.name || E'\\n' || g.id) LIKE ${quantifier} (ARRAY(SELECT lower(p) FROM unnest($3::text[]) AS p)) AS fits
           FROM chat_group g WHERE g.timeline_key < $2 ORDER BY g.timeline_key DESC LIMIT $7::integer),
       found AS MATERIALIZED (
         SELECT w.key FROM walked w
          WHERE w.fits AND CASE WHEN w.type = ANY($5::text[]) THEN true
                ELSE (SELECT me.account_key FROM member me WHERE me.timeline_key = w.key AND me.account_key = $1) IS NOT NULL END)
  SELECT (SELECT count(*) FROM found) AS count,
         (SELECT CASE WHEN count(*) = $7::integer THEN json_build_array(min(key)) END FROM walked) AS edge,
         CASE WHEN p."timelineKey" IS NOT NULL THEN json_build_array(p."timelineKey") END AS place, p.*
    FROM (VALUES (1)) AS one LEFT JOIN LATERAL (
      SELECT ${GROUP_COLUMNS}
        FROM (SELECT f.key FROM found f ORDER BY f.key DESC LIMIT $6::integer) AS f
        JOIN chat_group g ON g.timeline_key = f.key LEFT JOIN account o ON o.key = g.owner_key) AS p ON true
   ORDER BY p."timelineKey" DESC`
}

const GROUPS: Readonly<Record<Match, string>> = { all: groupsBy('ALL'), any: groupsBy('ANY') }

export interface MemberQuery {
  readonly accountKey: number
  readonly keywords: readonly string[]
  readonly match: Match
  readonly types: readonly GroupType[]
  /** In these groups of the user's; in all of his where it is undefined. */
  readonly groupIds: readonly GroupId[] | undefined
  /** Behind this member of this group, in the younger groups all are behind. */
  readonly after: { readonly timelineKey: number; readonly accountKey: number }
  readonly limit: number
  /** Members that are looked through. */
  readonly window: number
}

export type FoundMemberRow = WalkedRow &
  MemberRow & {
    readonly timelineKey: number
    /** With the first of its members. */
    readonly group: GroupRow | null
  }

/** Members of the user's own groups by name card, nick or id, group by group. One row without a place where there is none. */
export async function readFoundMembers(db: Queryable, query: MemberQuery): Promise<readonly FoundMemberRow[]> {
  return db.query<FoundMemberRow>(MEMBERS[query.match], [
    query.accountKey,
    query.after.timelineKey,
    query.after.accountKey,
    textArray(patternsOf(query.keywords)),
    textArray(query.types),
    query.groupIds === undefined ? null : textArray(query.groupIds),
    query.limit,
    query.window,
  ])
}

// Each group gives no more than the window, along its members' keys, and the walk ends with the window: a group of a hundred
// thousand is walked in parts.
function membersBy(quantifier: 'ALL' | 'ANY'): string {
  return `
  WITH walked AS MATERIALIZED (
         SELECT mine.key, his.account, his.fits
           FROM (SELECT me.timeline_key AS key FROM member me JOIN chat_group g ON g.timeline_key = me.timeline_key
                  WHERE me.account_key = $1 AND me.timeline_key <= $2 AND g.dismissed_at_ms IS NULL
                    AND (cardinality($5::text[]) = 0 OR g.type = ANY($5::text[]))
                    AND ($6::text[] IS NULL OR g.id = ANY($6::text[]))
                  ORDER BY me.timeline_key DESC OFFSET 0) AS mine
          CROSS JOIN LATERAL (
            SELECT m.account_key AS account,
                   lower(m.name_card || E'\\n' || a.nick || E'\\n' || a.id)
                     LIKE ${quantifier} (ARRAY(SELECT lower(p) FROM unnest($4::text[]) AS p)) AS fits
              FROM member m JOIN account a ON a.key = m.account_key
             WHERE m.timeline_key = mine.key AND m.account_key > CASE WHEN mine.key = $2 THEN $3::bigint ELSE 0 END
             ORDER BY m.account_key LIMIT $8::integer) AS his
          ORDER BY mine.key DESC, his.account LIMIT $8::integer),
       page AS (SELECT w.key, w.account, row_number() OVER (PARTITION BY w.key ORDER BY w.account) AS place_in_group
                  FROM walked w WHERE w.fits ORDER BY w.key DESC, w.account LIMIT $7::integer)
  SELECT (SELECT count(*) FILTER (WHERE fits) FROM walked) AS count,
         (SELECT CASE WHEN count(*) OVER () = $8::integer THEN json_build_array(w.key, w.account) END
            FROM walked w ORDER BY w.key, w.account DESC LIMIT 1) AS edge,
         CASE WHEN p."timelineKey" IS NOT NULL THEN json_build_array(p."timelineKey", p."accountKey") END AS place, p.*
    FROM (VALUES (1)) AS one LEFT JOIN LATERAL (
      SELECT page.key AS "timelineKey", ${MEMBER_COLUMNS},
             CASE WHEN page.place_in_group = 1 THEN (SELECT to_json(x) FROM (
               SELECT ${GROUP_COLUMNS} FROM chat_group g LEFT JOIN account o ON o.key = g.owner_key
                WHERE g.timeline_key = page.key) AS x) END AS "group"
        FROM page JOIN member m ON m.timeline_key = page.key AND m.account_key = page.account
        JOIN account a ON a.key = m.account_key) AS p ON true
   ORDER BY p."timelineKey" DESC, p."accountKey"`
}

const MEMBERS: Readonly<Record<Match, string>> = { all: membersBy('ALL'), any: membersBy('ANY') }
