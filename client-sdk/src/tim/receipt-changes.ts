import type { ReceiptCount } from '@hongyan/protocol'
import type { Change } from '../core/client-api.ts'
import { EVENT } from './events.ts'
import { partyOf } from './mapping/ids.ts'
import { markReceipted } from './mapping/message.ts'
import type { Telling } from './telling.ts'

/** One-to-one: the peer has sent receipts. Told of the messages that are kept here (tim-semantics §4.4). */
export function tellReceipts(
  chat: Telling,
  conversationID: string,
  { seqs, atMs }: Extract<Change, { kind: 'receipted' }>,
): void {
  const mine = seqs
    .flatMap((seq) => chat.messages.withSequence(conversationID, seq) ?? [])
    .filter(({ flow, readReceiptInfo }) => flow === 'out' && readReceiptInfo.isPeerRead !== true)
  for (const message of mine) markReceipted(message, atMs)
  const data = mine.map((message) => ({
    userID: partyOf(conversationID),
    messageID: message.ID,
    isPeerRead: true,
    timestamp: message.readReceiptInfo.timestamp,
  }))
  if (data.length > 0) chat.emitter.emit(EVENT.MESSAGE_READ_RECEIPT_RECEIVED, data)
}

/** In a group: so many have sent receipts for messages of the user's. */
export function tellReceiptCounts(chat: Telling, conversationID: string, counts: readonly ReceiptCount[]): void {
  const data = counts.flatMap(({ seq, read, unread }) => {
    const message = chat.messages.withSequence(conversationID, seq)
    if (!message) return []
    message.readReceiptInfo.readCount = read
    message.readReceiptInfo.unreadCount = unread
    return [{ groupID: partyOf(conversationID), messageID: message.ID, readCount: read, unreadCount: unread }]
  })
  if (data.length > 0) chat.emitter.emit(EVENT.MESSAGE_READ_RECEIPT_RECEIVED, data)
}
