import { conversationTimeline, systemConversationId, type TimelineId } from '@hongyan/protocol'
import type { Account } from '../accounts/account-reader.ts'
import { numberArray, textArray, type Tx } from '../db/db.ts'

/**
 * Makes sure that these users have a conversation with the server; the timelines of those who had none. They begin with the
 * first notice, so that nobody pays for what most never get.
 *
 * To be called before any lock is taken: two that insert the same row wait for each other, in the order of the ids.
 */
export async function beginSystemConversations(
  tx: Tx,
  accounts: readonly Pick<Account, 'key' | 'id'>[],
): Promise<ReadonlySet<TimelineId>> {
  const timelineOf = new Map(accounts.map(({ key, id }) => [systemTimeline(id), key]))
  const created = await tx.query<{ key: number; id: TimelineId }>(
    `INSERT INTO timeline (id) SELECT d.id FROM unnest($1::text[]) AS d(id) ORDER BY d.id
     ON CONFLICT (id) DO NOTHING RETURNING key, id`,
    [textArray([...timelineOf.keys()])],
  )
  if (created.length > 0) {
    await tx.query(`INSERT INTO member (timeline_key, account_key) SELECT * FROM unnest($1::bigint[], $2::bigint[])`, [
      numberArray(created.map(({ key }) => key)),
      numberArray(created.map(({ id }) => timelineOf.get(id) ?? null)),
    ])
  }
  return new Set(created.map(({ id }) => id))
}

/** The timeline of a user's conversation with the server. */
export function systemTimeline(userId: Account['id']): TimelineId {
  return conversationTimeline(systemConversationId(userId))
}
