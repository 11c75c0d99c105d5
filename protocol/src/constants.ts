/** What runs in a client: no schema, no dependency. The rest of the package is types to a client. */
export { CLIENT_LIMITS as LIMITS } from './client-limits.ts'
export { CLOSE, closeName, isFinalClose, type CloseName } from './close-codes.ts'
export { ERRORS, Refused, type ErrorName, type ErrorSpec } from './errors.ts'
export {
  c2cConversationId,
  conversationOfTimeline,
  conversationTimeline,
  groupConversationId,
  groupOf,
  parseConversationId,
  parseGroupId,
  parseUserId,
  peerOf,
  SYSTEM_USER_ID,
  systemConversationId,
  userTimeline,
  utf8Length,
  type C2cParts,
  type ConversationId,
  type ConversationParts,
  type GroupId,
  type Offset,
  type Seq,
  type TimelineId,
  type UserId,
} from './ids.ts'
export { classify, type Arrival } from './offset.ts'
export { unreadOf, type UnreadBase, type UnreadParts } from './unread.ts'
export { CLIENT_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from './version.ts'
