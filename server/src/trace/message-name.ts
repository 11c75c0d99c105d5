import {
  c2cConversationId,
  groupConversationId,
  parseConversationId,
  parseGroupId,
  parseUserId,
  systemConversationId,
  type ConversationId,
  type UserId,
} from '@hongyan/protocol'

/** How the help desk names a message. */
export type MessageName =
  /** As an application shows it, `<tinyID>-<time>-<random>`: the sender's number and his own id of it. */
  | { readonly kind: 'id'; readonly senderKey: number; readonly clientMsgId: string }
  | { readonly kind: 'place'; readonly conversationId: ConversationId; readonly seq: number }
  | { readonly kind: 'sent'; readonly senderId: UserId; readonly clientMsgId: string }

/** The number that applications show for the system, and the system's account. */
const SYSTEM_TINY_ID = '144115198244471703'
const SYSTEM_ACCOUNT_KEY = 1

/** A message's id as an application or the wire shows it; undefined for text that is none. */
export function parseMessageId(text: string): MessageName | undefined {
  const [, tinyId, clientMsgId] = /^(\d{1,18})-(.{1,100})$/s.exec(text) ?? []
  if (tinyId === undefined || clientMsgId === undefined) return undefined
  const senderKey = tinyId === SYSTEM_TINY_ID ? SYSTEM_ACCOUNT_KEY : Number(tinyId)
  return Number.isSafeInteger(senderKey) ? { kind: 'id', senderKey, clientMsgId } : undefined
}

/** A conversation and a number in it; undefined when either is none. `userId`: who sees it under this name, for C2C… */
export function parsePlace(conversation: string, seq: string, userId: string | undefined): MessageName | undefined {
  const conversationId = parseConversation(conversation, userId)
  if (conversationId === undefined || !/^[1-9]\d{0,14}$/.test(seq)) return undefined
  return { kind: 'place', conversationId, seq: Number(seq) }
}

/** Who sent it, under which id of his own. */
export function parseSent(sender: string, clientMsgId: string): MessageName | undefined {
  const senderId = parseUserId(sender)
  return senderId === undefined || clientMsgId === '' ? undefined : { kind: 'sent', senderId, clientMsgId }
}

/** Our own ids, and those that applications show: GROUP…, C2C… and @TIM#SYSTEM, the last two of one user. */
function parseConversation(text: string, user: string | undefined): ConversationId | undefined {
  const canonical = parseConversationId(text)
  // It parsed, so it is one.
  if (canonical) return idOf(canonical)
  if (text.startsWith('GROUP')) {
    const groupId = parseGroupId(text.slice('GROUP'.length))
    return groupId && groupConversationId(groupId)
  }
  const userId = user === undefined ? undefined : parseUserId(user)
  if (userId === undefined) return undefined
  if (text === '@TIM#SYSTEM') return systemConversationId(userId)
  const peer = text.startsWith('C2C') ? parseUserId(text.slice('C2C'.length)) : undefined
  return peer && c2cConversationId(userId, peer)
}

function idOf(parts: NonNullable<ReturnType<typeof parseConversationId>>): ConversationId {
  if (parts.type === 'c2c') return c2cConversationId(...parts.users)
  return parts.type === 'group' ? groupConversationId(parts.groupId) : systemConversationId(parts.userId)
}
