import type { RouteLocationRaw } from 'vue-router'
import { TYPES } from '../im/chat.ts'

/** Where a conversation is shown. */
export function addressOf(conversationID: string): RouteLocationRaw {
  if (conversationID === TYPES.CONV_SYSTEM) return { name: 'notices' }
  return { name: 'chats', params: { conversationID } }
}
