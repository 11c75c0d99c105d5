import type { Tx } from '../db/db.ts'
import type { ReactionPlace } from './reaction-reader.ts'

/** Under the timeline's lock, so that the order of the rows is the order of the commits. */
export async function insertReaction(tx: Tx, place: ReactionPlace, accountKey: number): Promise<void> {
  await tx.query('INSERT INTO reaction (timeline_key, seq, reaction_id, account_key) VALUES ($1, $2, $3, $4)', [
    place.timelineKey,
    place.seq,
    place.reactionId,
    accountKey,
  ])
}

export async function deleteReaction(tx: Tx, place: ReactionPlace, accountKey: number): Promise<void> {
  await tx.query(
    'DELETE FROM reaction WHERE timeline_key = $1 AND seq = $2 AND reaction_id = $3 AND account_key = $4',
    [place.timelineKey, place.seq, place.reactionId, accountKey],
  )
}
