import type { Message } from '../im/sdk'
import type { Words } from '../text/zh'

/** Under an own message: who has read it. */
export interface Receipt {
  readonly text: string
  readonly isRead: boolean
  /** In groups a touch shows the names. */
  readonly hasNames: boolean
}

const NONE: Receipt = { text: '', isRead: false, hasNames: false }

export function receiptOf(message: Message, isGroup: boolean, words: Words): Receipt {
  if (message.flow !== 'out' || message.status !== 'success' || !message.needReadReceipt) return NONE
  return isGroup ? groupReceipt(message, words) : peerReceipt(message, words)
}

function peerReceipt({ isPeerRead, readReceiptInfo }: Message, { chat }: Words): Receipt {
  const isRead = isPeerRead || readReceiptInfo.isPeerRead === true
  return { text: isRead ? chat.read : chat.unread, isRead, hasNames: false }
}

function groupReceipt({ readReceiptInfo }: Message, { chat, says }: Words): Receipt {
  const { readCount, unreadCount } = readReceiptInfo
  if (readCount === undefined) return NONE
  if (readCount === 0) return { text: chat.unread, isRead: false, hasNames: true }
  if (unreadCount === 0) return { text: chat.allRead, isRead: true, hasNames: true }
  return { text: says.readBy(readCount), isRead: true, hasNames: true }
}
