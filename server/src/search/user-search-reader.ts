import { LIMITS, type UserProfile } from '@hongyan/protocol'
import { textArray, type Queryable } from '../db/db.ts'
import { patternsOf, type Match } from './keyword-rules.ts'
import type { WalkedRow } from './list-rules.ts'

/** Whom one may find: those with whom one shares a conversation, or everybody. By the whole id anybody is found. */
export type People = 'known' | 'everyone'

export interface UserQuery {
  readonly accountKey: number
  readonly people: People
  readonly keywords: readonly string[]
  readonly match: Match
  readonly gender: string | undefined
  readonly bornFrom: number | undefined
  readonly bornTo: number | undefined
  readonly after: number
  readonly limit: number
  /** Users that are looked through, where it is everybody. */
  readonly window: number
}

export type UserRow = WalkedRow & UserProfile

/** Users by nick or id, in the order of their keys; one row without a place where there is none. */
export async function readUsers(db: Queryable, query: UserQuery): Promise<readonly UserRow[]> {
  const asked = [
    query.after,
    textArray(patternsOf(query.keywords)),
    query.gender ?? null,
    query.bornFrom ?? null,
    query.bornTo ?? null,
    query.limit,
  ]
  const among = query.people === 'everyone' ? [query.window] : [query.accountKey, textArray(query.keywords)]
  return db.query<UserRow>(USERS[query.people][query.match], [...asked, ...among])
}

interface Among {
  /** The keys of those who are looked through. */
  readonly walked: string
  /** How far that went; null where it was all there are. */
  readonly edge: string
}

// Of a user's groups the smallest first, until there are so many people in them: in a group of a hundred thousand nobody
// knows the others. Acquaintances are looked through all at once.
const KNOWN: Among = {
  walked: `
  SELECT DISTINCT his.account_key AS key FROM (
    SELECT me.timeline_key,
           sum(coalesce(g.member_count, 2)) OVER (ORDER BY coalesce(g.member_count, 2), me.timeline_key) AS people
      FROM member me LEFT JOIN chat_group g ON g.timeline_key = me.timeline_key
     WHERE me.account_key = $7 AND g.dismissed_at_ms IS NULL OFFSET 0) AS mine
    JOIN member his ON his.timeline_key = mine.timeline_key AND his.account_key > $1
   WHERE mine.people <= ${LIMITS.searchedAcquaintances}
  UNION SELECT a.key FROM account a WHERE (a.id = ANY($8::text[]) OR a.key = $7) AND a.key > $1`,
  edge: 'NULL::json',
}

const EVERYONE: Among = {
  walked: 'SELECT a.key FROM account a WHERE a.key > $1 ORDER BY a.key LIMIT $7::integer',
  edge: '(SELECT CASE WHEN count(*) = $7::integer THEN json_build_array(max(key)) END FROM walked)',
}

function usersAmong({ walked, edge }: Among, quantifier: 'ALL' | 'ANY'): string {
  return `
  WITH walked AS MATERIALIZED (${walked}),
       found AS MATERIALIZED (
         SELECT u.key FROM walked w JOIN account u ON u.key = w.key
          WHERE lower(u.nick || E'\\n' || u.id) LIKE ${quantifier} (ARRAY(SELECT lower(p) FROM unnest($2::text[]) AS p))
            AND NOT u.is_disabled
            AND ($3::text IS NULL OR coalesce(u.details ->> 'gender', 'unknown') = $3)
            AND ($4::bigint IS NULL OR (u.details ->> 'birthday')::bigint >= $4)
            AND ($5::bigint IS NULL OR (u.details ->> 'birthday')::bigint <= $5))
  SELECT (SELECT count(*) FROM found) AS count, ${edge} AS edge,
         CASE WHEN p.key IS NOT NULL THEN json_build_array(p.key) END AS place,
         p."userId", p.nick, p.avatar, p.details, p."changedAtMs"
    FROM (VALUES (1)) AS one LEFT JOIN LATERAL (
      SELECT u.key, u.id AS "userId", u.nick, u.avatar, u.details, u.changed_at_ms AS "changedAtMs"
        FROM (SELECT f.key FROM found f ORDER BY f.key LIMIT $6::integer) AS f JOIN account u ON u.key = f.key) AS p ON true
   ORDER BY p.key`
}

const USERS: Readonly<Record<People, Readonly<Record<Match, string>>>> = {
  known: { all: usersAmong(KNOWN, 'ALL'), any: usersAmong(KNOWN, 'ANY') },
  everyone: { all: usersAmong(EVERYONE, 'ALL'), any: usersAmong(EVERYONE, 'ANY') },
}
