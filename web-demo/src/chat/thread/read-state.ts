import type { Message } from '@hongyan/client-sdk'
import { TYPES } from '../../im/chat.ts'
import { isStored } from '../../im/thread-window.ts'

/** What the sender sees of whether his message was read. */
export type ReadState =
  | { readonly kind: 'none' }
  | { readonly kind: 'read' | 'unread' }
  | { readonly kind: 'group'; readonly unreadCount: number }

export function readStateOf(message: Message): ReadState {
  if (message.flow !== 'out' || !isStored(message) || message.isRevoked) return { kind: 'none' }
  if (message.conversationType === TYPES.CONV_C2C) return { kind: message.isPeerRead ? 'read' : 'unread' }
  const { readCount, unreadCount } = message.readReceiptInfo
  if (!message.needReadReceipt || readCount === undefined || unreadCount === undefined) return { kind: 'none' }
  return readCount + unreadCount === 0 ? { kind: 'none' } : { kind: 'group', unreadCount }
}
