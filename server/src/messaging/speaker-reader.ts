import { numberArray, textArray, type Queryable } from '../db/db.ts'
import { GroupFacts, type ReceiverRow, type SpeakerRow } from './group-facts.ts'
import type { AppendRequest } from './append-request.ts'

/** The places of these senders in their groups, and the members their messages are for. Asks nothing when there are none. */
export async function readGroupFacts(db: Queryable, requests: readonly AppendRequest[]): Promise<GroupFacts> {
  const named = requests.flatMap(({ timelineKey, draft }) =>
    (draft.receiverIds ?? []).map((userId) => ({ timelineKey, userId })),
  )
  const [speakers, receivers] = await Promise.all([
    readSpeakers(
      db,
      requests.map(({ timelineKey, senderKey }) => ({ timelineKey, accountKey: senderKey })),
    ),
    named.length === 0
      ? []
      : db.query<ReceiverRow>(
          `SELECT m.timeline_key AS "timelineKey", a.id AS "userId", a.key AS "accountKey"
             FROM unnest($1::bigint[], $2::text[]) AS d(timeline_key, user_id) JOIN account a ON a.id = d.user_id
             JOIN member m ON m.timeline_key = d.timeline_key AND m.account_key = a.key`,
          [numberArray(named.map(({ timelineKey }) => timelineKey)), textArray(named.map(({ userId }) => userId))],
        ),
  ])
  return new GroupFacts(speakers, receivers)
}

/** Those of these who are members of groups that still are. */
export async function readSpeakers(
  db: Queryable,
  places: readonly { readonly timelineKey: number; readonly accountKey: number }[],
): Promise<readonly SpeakerRow[]> {
  if (places.length === 0) return []
  return db.query<SpeakerRow>(
    `SELECT m.timeline_key AS "timelineKey", m.account_key AS "accountKey", m.role, m.muted_until_ms AS "mutedUntilMs",
            m.name_card AS "nameCard", g.type, g.is_muted AS "isMuted"
       FROM unnest($1::bigint[], $2::bigint[]) AS d(timeline_key, account_key)
       JOIN member m ON m.timeline_key = d.timeline_key AND m.account_key = d.account_key
       JOIN chat_group g ON g.timeline_key = m.timeline_key
      WHERE g.dismissed_at_ms IS NULL`,
    [
      numberArray(places.map(({ timelineKey }) => timelineKey)),
      numberArray(places.map(({ accountKey }) => accountKey)),
    ],
  )
}
