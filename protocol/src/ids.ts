declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** Given by the customer's system: 1–32 bytes of UTF-8, no space, no control character. */
export type UserId = Branded<'UserId'>
/** Given by the customer's system, or made by us: 1–48 characters of printable ASCII without spaces. */
export type GroupId = Branded<'GroupId'>
/**
 * `c2c:<user>:<user>` with both parts in order, the same for both members; `group:<group>`; `system:<user>` for what the
 * server itself tells a user. The parts are percent-encoded.
 */
export type ConversationId = Branded<'ConversationId'>
/** `c:<conversationId>` or `u:<userId>`: storage key, broker topic and follow key at once (Decision A). */
export type TimelineId = Branded<'TimelineId'>

/** A message's number in its conversation, from 1, without gaps. */
export type Seq = number
/** An entry's number in its timeline, from 1, without gaps. */
export type Offset = number

const FORBIDDEN_IN_USER_ID = /[\u0000-\u0020\u007f-\u009f\u2028\u2029\ufeff]/

/** Who sends tips and notices: the server itself. No user can have this id. */
export const SYSTEM_USER_ID = '@system' as UserId

/** The user id in this text, or undefined when it is not one. */
export function parseUserId(text: string): UserId | undefined {
  const isOne = text.length > 0 && !FORBIDDEN_IN_USER_ID.test(text) && utf8Length(text) <= 32
  return isOne && text !== SYSTEM_USER_ID ? (text as UserId) : undefined
}

/** The group id in this text, or undefined when it is not one. */
export function parseGroupId(text: string): GroupId | undefined {
  return /^[\u0021-\u007e]{1,48}$/.test(text) ? (text as GroupId) : undefined
}

/** The one-to-one conversation of two users; of a user with himself when both are the same. */
export function c2cConversationId(a: UserId, b: UserId): ConversationId {
  const [first, second] = a < b ? [a, b] : [b, a]
  return `c2c:${encodeURIComponent(first)}:${encodeURIComponent(second)}` as ConversationId
}

/** The conversation of a group. */
export function groupConversationId(groupId: GroupId): ConversationId {
  return `group:${encodeURIComponent(groupId)}` as ConversationId
}

/** Where the server tells a user what concerns him: applications, invitations, removals. */
export function systemConversationId(userId: UserId): ConversationId {
  return `system:${encodeURIComponent(userId)}` as ConversationId
}

export interface C2cParts {
  readonly type: 'c2c'
  readonly users: readonly [UserId, UserId]
}

/** What a conversation id says. Only canonical ids parse, so that one conversation has one id. */
export type ConversationParts =
  | C2cParts
  | { readonly type: 'group'; readonly groupId: GroupId }
  | { readonly type: 'system'; readonly userId: UserId }

/** The parts of a conversation id, or undefined when the text is not a canonical one. */
export function parseConversationId(text: string): ConversationParts | undefined {
  const [type, first, second, ...rest] = text.split(':')
  if (first === undefined || rest.length > 0) return undefined
  if (type === 'c2c') return second === undefined ? undefined : c2cParts(first, second, text)
  if (second !== undefined) return undefined
  if (type === 'group') {
    const groupId = parseGroupId(decoded(first) ?? '')
    return groupId !== undefined && groupConversationId(groupId) === text ? { type, groupId } : undefined
  }
  if (type !== 'system') return undefined
  const userId = parseUserId(decoded(first) ?? '')
  return userId !== undefined && systemConversationId(userId) === text ? { type, userId } : undefined
}

function c2cParts(first: string, second: string, text: string): C2cParts | undefined {
  const a = parseUserId(decoded(first) ?? '')
  const b = parseUserId(decoded(second) ?? '')
  if (a === undefined || b === undefined || c2cConversationId(a, b) !== text) return undefined
  return { type: 'c2c', users: [a, b] }
}

/** The group of a group's conversation, or undefined for another kind. */
export function groupOf(conversationId: ConversationId): GroupId | undefined {
  const parts = parseConversationId(conversationId)
  return parts?.type === 'group' ? parts.groupId : undefined
}

/** The other member of a one-to-one conversation; the user himself when he talks to himself; undefined for a stranger to it. */
export function peerOf(parts: C2cParts, userId: UserId): UserId | undefined {
  const [a, b] = parts.users
  if (a === userId) return b
  return b === userId ? a : undefined
}

export function conversationTimeline(conversationId: ConversationId): TimelineId {
  return `c:${conversationId}` as TimelineId
}

export function userTimeline(userId: UserId): TimelineId {
  return `u:${userId}` as TimelineId
}

/** The conversation whose timeline this is, or undefined for a user's timeline. */
export function conversationOfTimeline(timeline: TimelineId): ConversationId | undefined {
  return timeline.startsWith('c:') ? (timeline.slice(2) as ConversationId) : undefined
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

/** Bytes of the text in UTF-8; a lone surrogate counts as more than any limit, since it has no encoding. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 3
    else if (isPair(unit, text.charCodeAt(i + 1))) {
      bytes += 4
      i++
    } else return Number.POSITIVE_INFINITY
  }
  return bytes
}

function isPair(high: number, low: number): boolean {
  return high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff
}
