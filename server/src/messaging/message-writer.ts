import type { Offset, Seq } from '@hongyan/protocol'
import { numberArray, StatementFailed, textArray, type Tx } from '../db/db.ts'
import { readAliveLogins } from '../logins/login-reader.ts'
import { insertMessages, moveHeads, type MessageInsert } from '../timelines/message-log-writer.ts'
import { FileFacts } from './file-facts.ts'
import { insertFileUses, readShowable } from './file-use.ts'
import type { BatchFacts, BatchPlan, EarlierMessage, Head, NewMessage } from './message-batch.ts'
import type { AppendRequest } from './append-request.ts'
import { readGroupFacts } from './speaker-reader.ts'

/**
 * Locks what a batch needs and reads what it must know, in one round trip. What somebody else has locked, a conversation
 * or a login that is just being displaced, is skipped, not waited for, so that one that is stuck stops no other (F-06).
 * The statements run one after the other: what the later ones see is what is true under the locks.
 *
 * Whether messages were sent before is asked only when there is reason to: with `mayBeResent`, or when something could not
 * be locked, because a resend gets its first answer all the same. Otherwise the index of ids refuses the batch.
 */
export async function lockForBatch(
  tx: Tx,
  requests: readonly AppendRequest[],
  mayBeResent: boolean,
): Promise<BatchFacts> {
  const timelineKeys = distinct(requests.map((request) => request.timelineKey))
  const loginKeys = distinct(requests.map((request) => request.loginKey))
  const inGroups = requests.filter(({ isInGroup }) => isInGroup)
  const [heads, logins, earlier, groups, files] = await Promise.all([
    tx.query<Head>(
      `SELECT key, last_offset AS "lastOffset", last_seq AS "lastSeq", last_countable AS "lastCountable",
              last_sent_at_ms AS "lastSentAtMs"
         FROM timeline WHERE key = ANY($1::bigint[]) ORDER BY key FOR NO KEY UPDATE SKIP LOCKED`,
      [numberArray(timelineKeys)],
    ),
    tx.query<{ key: number }>(
      `SELECT key FROM login WHERE key = ANY($1::bigint[]) ORDER BY key FOR KEY SHARE SKIP LOCKED`,
      [numberArray(loginKeys)],
    ),
    mayBeResent ? readEarlier(tx, requests) : undefined,
    readGroupFacts(tx, inGroups),
    readShowable(
      tx,
      requests.flatMap(({ senderKey, draft }) => draft.fileIds.map((fileId) => ({ accountKey: senderKey, fileId }))),
    ),
  ])
  const aliveLogins = new Set(logins.map((login) => login.key))
  const missing = loginKeys.filter((key) => !aliveLogins.has(key))
  const isAllLocked = missing.length === 0 && heads.length === timelineKeys.length
  return {
    heads: new Map(heads.map((head) => [head.key, head])),
    earlier: earlier ?? (isAllLocked ? [] : await readEarlier(tx, requests)),
    aliveLogins,
    // What is there although it could not be held is locked; whether it will be displaced is not known yet.
    lockedLogins: missing.length === 0 ? new Set() : await readAliveLogins(tx, missing),
    groups,
    files: new FileFacts(files),
  }
}

/** True when a batch was refused because one of its messages is stored already. */
export function wasSentBefore(err: unknown): boolean {
  return err instanceof StatementFailed && err.constraint === 'message_sent_once'
}

function readEarlier(tx: Tx, requests: readonly AppendRequest[]): Promise<readonly EarlierMessage[]> {
  return tx.query<EarlierMessage>(
    `SELECT m.sender_key AS "senderKey", m.client_msg_id AS "clientMsgId", m.fingerprint, m.seq, m."offset",
            m.sent_at_ms AS "sentAtMs", m.countable
       FROM unnest($1::bigint[], $2::text[]) AS d(sender_key, client_msg_id)
       JOIN message m ON m.sender_key = d.sender_key AND m.client_msg_id = d.client_msg_id`,
    [
      numberArray(requests.map((request) => request.senderKey)),
      textArray(requests.map((request) => request.draft.clientMsgId)),
    ],
  )
}

/** Writes a planned batch in one round trip: messages, heads, the senders' own counts, and what files they show. */
export async function writeBatch(tx: Tx, plan: BatchPlan): Promise<void> {
  if (plan.messages.length === 0) return
  await Promise.all([
    insertMessages(tx, plan.messages.map(rowOf)),
    moveHeads(tx, plan.heads),
    countOwn(tx, plan.own),
    insertFileUses(
      tx,
      plan.messages.flatMap(({ request, stored }) =>
        request.draft.fileIds.map((fileId) => ({ fileId, timelineKey: request.timelineKey, seq: stored.seq })),
      ),
    ),
  ])
}

function rowOf({ request, stored, bodyJson, receivers }: NewMessage): MessageInsert {
  const { clientMsgId, fingerprint, flags } = request.draft
  const { timelineKey, senderKey } = request
  return { timelineKey, senderKey, clientMsgId, fingerprint, flags, ...stored, bodyJson, receivers }
}

function countOwn(tx: Tx, own: BatchPlan['own']): Promise<unknown> {
  return tx.query(
    `UPDATE member m SET own = m.own + d.count
       FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS d(timeline_key, account_key, count)
      WHERE m.timeline_key = d.timeline_key AND m.account_key = d.account_key`,
    [
      numberArray(own.map(({ timelineKey }) => timelineKey)),
      numberArray(own.map(({ senderKey }) => senderKey)),
      numberArray(own.map(({ count }) => count)),
    ],
  )
}

/** Wipes a message's content for ever and says who took it back. */
export async function wipeMessage(
  tx: Tx,
  place: { readonly timelineKey: number; readonly seq: Seq },
  revocation: { readonly byKey: number; readonly atMs: number; readonly reason: string | undefined },
): Promise<void> {
  await tx.query(
    `UPDATE message SET body = CASE WHEN receivers IS NULL THEN '{"elements":[]}'::json
                                    ELSE json_build_object('elements', '[]'::json, 'receiverIds', body -> 'receiverIds') END,
            revoked_by_key = $3, revoked_at_ms = $4, revoke_reason = $5
      WHERE timeline_key = $1 AND seq = $2`,
    [place.timelineKey, place.seq, revocation.byKey, revocation.atMs, revocation.reason ?? null],
  )
}

/** Wipes what a message said in between out of the log, too: who catches up later must not meet it there (promise I6). */
export async function wipeChanges(
  tx: Tx,
  place: { readonly timelineKey: number; readonly seq: Seq; readonly offset: Offset },
): Promise<void> {
  await tx.query(
    `UPDATE entry SET body = (body - 'customData') || '{"elements":[]}'
      WHERE timeline_key = $1 AND "offset" > $2 AND body ->> 'kind' = 'modified' AND (body ->> 'seq')::bigint = $3`,
    [place.timelineKey, place.offset, place.seq],
  )
}

/** Puts other content into a message; what else travels with it stays. */
export async function replaceContent(
  tx: Tx,
  place: { readonly timelineKey: number; readonly seq: Seq },
  content: { readonly version: number; readonly contentJson: string },
): Promise<void> {
  await tx.query(
    `UPDATE message SET version = $3, body = ((body::jsonb - 'elements' - 'customData') || $4::jsonb)::json
      WHERE timeline_key = $1 AND seq = $2`,
    [place.timelineKey, place.seq, content.version, content.contentJson],
  )
}

/** Deletes messages for one member; the numbers that were not deleted before. */
export async function insertDeletions(
  tx: Tx,
  deletion: { readonly timelineKey: number; readonly accountKey: number; readonly seqs: readonly Seq[] },
): Promise<readonly { readonly seq: Seq; readonly counted: boolean }[]> {
  const rows = await tx.query<{ seq: Seq; counted: boolean }>(
    `INSERT INTO deleted_message (timeline_key, account_key, seq, counted)
     SELECT timeline_key, $2::bigint, seq, sender_key <> $2::bigint AND flags & 1 = 0 AND revoked_at_ms IS NULL
       FROM message WHERE timeline_key = $1 AND seq = ANY($3::bigint[])
     ON CONFLICT DO NOTHING RETURNING seq, counted`,
    [deletion.timelineKey, deletion.accountKey, numberArray(deletion.seqs)],
  )
  return [...rows].sort((a, b) => a.seq - b.seq)
}

function distinct(values: readonly number[]): readonly number[] {
  return [...new Set(values)]
}
