import type { ConversationId, Element, Message, Seq, UserId } from '@hongyan/protocol'

/** Bits of the message table's `flags`. */
export const FLAG = { UNCOUNTED: 1, NOT_LAST: 2, WANTS_RECEIPTS: 4, MENTIONS: 8 } as const

/** A row of the message table, with the names of the people in it. */
export interface MessageRow {
  readonly seq: Seq
  readonly offset: number
  readonly senderKey: number
  readonly senderId: UserId
  readonly clientMsgId: string
  readonly sentAtMs: number
  readonly countable: number
  readonly flags: number
  readonly body: { readonly elements: Element[]; readonly receiverIds?: UserId[] }
  readonly revokedBy: UserId | null
  readonly revokedAtMs: number | null
  readonly revokeReason: string | null
  readonly version: number
  readonly receiptAtMs: number | null
}

/** The columns of a MessageRow, for `message m JOIN account s` (sender) `LEFT JOIN account r` (revoker). */
export const MESSAGE_COLUMNS = `m.seq, m."offset", m.sender_key AS "senderKey", s.id AS "senderId",
  m.client_msg_id AS "clientMsgId", m.sent_at_ms AS "sentAtMs", m.countable, m.flags, m.body,
  r.id AS "revokedBy", m.revoked_at_ms AS "revokedAtMs", m.revoke_reason AS "revokeReason", m.version,
  m.receipt_at_ms AS "receiptAtMs"`

export const MESSAGE_PEOPLE = `JOIN account s ON s.key = m.sender_key LEFT JOIN account r ON r.key = m.revoked_by_key`

/** The message as it goes over the wire. */
export function messageOf(conversationId: ConversationId, row: MessageRow): Message {
  return {
    id: `${row.senderKey}-${row.clientMsgId}`,
    conversationId,
    seq: row.seq,
    senderId: row.senderId,
    sentAtMs: row.sentAtMs,
    countable: row.countable,
    ...row.body,
    ...(row.flags & FLAG.UNCOUNTED ? { uncounted: true } : {}),
    ...(row.flags & FLAG.NOT_LAST ? { notLast: true } : {}),
    ...(row.version === 0 ? {} : { version: row.version }),
    ...(row.receiptAtMs === null ? {} : { receiptAtMs: row.receiptAtMs }),
    ...revocationOf(row),
  }
}

function revocationOf({ revokedBy, revokedAtMs, revokeReason }: MessageRow): Pick<Message, 'revoked'> {
  if (revokedBy === null || revokedAtMs === null) return {}
  return { revoked: { by: revokedBy, atMs: revokedAtMs, ...(revokeReason === null ? {} : { reason: revokeReason }) } }
}
