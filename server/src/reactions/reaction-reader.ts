import type { Person, Seq } from '@hongyan/protocol'
import { numberArray, type Queryable } from '../db/db.ts'
import type { ReactionsFound } from './reaction-rules.ts'

/** Where reactions are kept: on one message, of one kind. */
export interface ReactionPlace {
  readonly timelineKey: number
  readonly seq: Seq
  readonly reactionId: string
}

const PERSON = `json_build_object('userId', a.id, 'nick', a.nick, 'avatar', a.avatar)`

/** What somebody who reacts like this must know of the reactions that are there. */
export async function findReactions(db: Queryable, place: ReactionPlace, accountKey: number): Promise<ReactionsFound> {
  const [row] = await db.query<ReactionsFound>(
    `SELECT count(DISTINCT reaction_id) AS kinds, count(*) FILTER (WHERE reaction_id = $3) AS users,
            coalesce(bool_or(reaction_id = $3 AND account_key = $4), false) AS "isMine"
       FROM reaction WHERE timeline_key = $1 AND seq = $2`,
    [place.timelineKey, place.seq, place.reactionId, accountKey],
  )
  return row ?? { kinds: 0, users: 0, isMine: false }
}

/** How many have reacted like this, and the first of them. */
export async function readReaction(
  db: Queryable,
  place: ReactionPlace,
  limit: number,
): Promise<{ readonly total: number; readonly users: readonly Person[] }> {
  const [row] = await db.query<{ total: number; users: Person[] | null }>(
    `SELECT (SELECT count(*) FROM reaction WHERE timeline_key = $1 AND seq = $2 AND reaction_id = $3) AS total,
            (SELECT json_agg(${PERSON} ORDER BY f."order")
               FROM (SELECT account_key, "order" FROM reaction
                      WHERE timeline_key = $1 AND seq = $2 AND reaction_id = $3 ORDER BY "order" LIMIT $4) AS f
               JOIN account a ON a.key = f.account_key) AS users`,
    [place.timelineKey, place.seq, place.reactionId, limit],
  )
  return { total: row?.total ?? 0, users: row?.users ?? [] }
}

export interface ReactionRow {
  readonly seq: Seq
  readonly reactionId: string
  readonly total: number
  readonly isMine: boolean
  /** The first of them; null when none was asked for. */
  readonly users: Person[] | null
}

/** All reactions on these messages, by message, on revoked ones none; on one message in the order in which they were first used. */
export async function readReactions(
  db: Queryable,
  query: {
    readonly timelineKey: number
    readonly seqs: readonly Seq[]
    readonly accountKey: number
    readonly usersEach: number
  },
): Promise<readonly ReactionRow[]> {
  return db.query<ReactionRow>(
    `SELECT r.seq, r.reaction_id AS "reactionId", count(*) AS total, bool_or(r.account_key = $3) AS "isMine",
            json_agg(${PERSON} ORDER BY r."order") FILTER (WHERE r.place <= $4) AS users
       FROM (SELECT n.seq, n.reaction_id, n.account_key, n."order",
                    row_number() OVER (PARTITION BY n.seq, n.reaction_id ORDER BY n."order") AS place
               FROM reaction n JOIN message m ON m.timeline_key = n.timeline_key AND m.seq = n.seq
              WHERE n.timeline_key = $1 AND n.seq = ANY($2::bigint[]) AND m.revoked_at_ms IS NULL) AS r
       JOIN account a ON a.key = r.account_key
      GROUP BY r.seq, r.reaction_id ORDER BY r.seq, min(r."order")`,
    [query.timelineKey, numberArray(query.seqs), query.accountKey, query.usersEach],
  )
}

/** Who has reacted like this, in the order in which they did; those after a place. */
export async function readReacting(
  db: Queryable,
  place: ReactionPlace,
  page: { readonly after: number; readonly limit: number },
): Promise<readonly { readonly order: number; readonly person: Person }[]> {
  return db.query<{ order: number; person: Person }>(
    `SELECT r."order", ${PERSON} AS person FROM reaction r JOIN account a ON a.key = r.account_key
      WHERE r.timeline_key = $1 AND r.seq = $2 AND r.reaction_id = $3 AND r."order" > $4
      ORDER BY r."order" LIMIT $5`,
    [place.timelineKey, place.seq, place.reactionId, page.after, page.limit],
  )
}
