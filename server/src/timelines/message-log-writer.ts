import type { Offset, Seq } from '@hongyan/protocol'
import { numberArray, textArray, type Tx } from '../db/db.ts'
import { MOVED_AT } from './timeline-writer.ts'

/** A row of the message table as it is written. */
export interface MessageInsert {
  readonly timelineKey: number
  readonly seq: Seq
  readonly offset: Offset
  readonly senderKey: number
  readonly clientMsgId: string
  readonly fingerprint: number
  readonly sentAtMs: number
  readonly countable: number
  readonly flags: number
  readonly bodyJson: string
  /** Account keys of those it is for; undefined for everybody. */
  readonly receivers: readonly number[] | undefined
}

/** Where a timeline's head stands after what is written. */
export interface HeadMove {
  readonly key: number
  readonly lastOffset: Offset
  readonly lastSeq: Seq
  readonly lastCountable: number
  readonly lastSentAtMs: number
}

/** Stores messages in one statement, however many. */
export function insertMessages(tx: Tx, rows: readonly MessageInsert[]): Promise<unknown> {
  return tx.query(
    `INSERT INTO message (timeline_key, seq, "offset", sender_key, client_msg_id, fingerprint, sent_at_ms, countable,
                          flags, body, receivers)
     SELECT d.timeline_key, d.seq, d."offset", d.sender_key, d.client_msg_id, d.fingerprint, d.sent_at_ms, d.countable,
            d.flags, d.body, d.receivers::bigint[]
       FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[],
                   $8::bigint[], $9::smallint[], $10::json[], $11::text[])
            AS d(timeline_key, seq, "offset", sender_key, client_msg_id, fingerprint, sent_at_ms, countable, flags, body,
                 receivers)`,
    [
      numberArray(rows.map((row) => row.timelineKey)),
      numberArray(rows.map((row) => row.seq)),
      numberArray(rows.map((row) => row.offset)),
      numberArray(rows.map((row) => row.senderKey)),
      textArray(rows.map((row) => row.clientMsgId)),
      numberArray(rows.map((row) => row.fingerprint)),
      numberArray(rows.map((row) => row.sentAtMs)),
      numberArray(rows.map((row) => row.countable)),
      numberArray(rows.map((row) => row.flags)),
      textArray(rows.map((row) => row.bodyJson)),
      textArray(rows.map(({ receivers }) => (receivers ? numberArray(receivers) : null))),
    ],
  )
}

/** Moves the heads of timelines whose rows this transaction has locked. */
export function moveHeads(tx: Tx, heads: readonly HeadMove[]): Promise<unknown> {
  return tx.query(
    `UPDATE timeline t SET last_offset = d.last_offset, last_seq = d.last_seq, last_countable = d.last_countable,
            last_sent_at_ms = d.last_sent_at_ms, moved_at = greatest(t.moved_at, ${MOVED_AT})
       FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
            AS d(key, last_offset, last_seq, last_countable, last_sent_at_ms)
      WHERE t.key = d.key`,
    [
      numberArray(heads.map((head) => head.key)),
      numberArray(heads.map((head) => head.lastOffset)),
      numberArray(heads.map((head) => head.lastSeq)),
      numberArray(heads.map((head) => head.lastCountable)),
      numberArray(heads.map((head) => head.lastSentAtMs)),
    ],
  )
}
