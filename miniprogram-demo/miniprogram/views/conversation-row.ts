import { TYPES, type Conversation } from '../im/sdk'
import type { Words } from '../text/zh'
import { faceOf, groupFaceOf, type Face } from './face'
import { founderIn } from './custom-text'
import { summaryOf } from './summary'
import { listTime } from './time-label'

/** A line of the list of conversations. */
export interface ConversationRow {
  readonly id: string
  readonly title: string
  readonly face: Face
  readonly isGroup: boolean
  readonly isSystem: boolean
  /** Before the preview, in the colour of warnings: a draft, or that somebody mentioned me. */
  readonly mark: string
  readonly preview: string
  readonly time: string
  readonly unread: string
  readonly isMuted: boolean
  readonly isPinned: boolean
}

const MOST_UNREAD = 99

export function conversationRow(conversation: Conversation, me: string, nowMs: number, words: Words): ConversationRow {
  const { conversationID, type, unreadCount, lastMessage, isPinned, draftText, messageRemindType } = conversation
  const title = titleOf(conversation, words)
  return {
    id: conversationID,
    title,
    face: conversationFace(conversation, title),
    isGroup: type === TYPES.CONV_GROUP,
    isSystem: type === TYPES.CONV_SYSTEM,
    mark: markOf(conversation, words),
    preview: draftText !== '' && unreadCount === 0 ? draftText : previewOf(conversation, me, words),
    time: listTime(lastMessage.lastTime, nowMs, words),
    unread: unreadCount > MOST_UNREAD ? `${MOST_UNREAD}+` : unreadCount > 0 ? `${unreadCount}` : '',
    isMuted: isMuted(messageRemindType),
    isPinned,
  }
}

export function conversationFace(
  { type, conversationID, groupProfile, userProfile }: Conversation,
  title: string,
): Face {
  return type === TYPES.CONV_GROUP
    ? groupFaceOf(conversationID.slice(TYPES.CONV_GROUP.length), groupProfile?.avatar ?? '')
    : faceOf(conversationID.slice(TYPES.CONV_C2C.length), title, userProfile?.avatar ?? '')
}

export function isMuted(messageRemindType: string): boolean {
  return messageRemindType !== '' && messageRemindType !== TYPES.MSG_REMIND_ACPT_AND_NOTE
}

export function titleOf(conversation: Conversation, words: Words): string {
  const { type, conversationID, remark } = conversation
  if (type === TYPES.CONV_SYSTEM) return words.conversations.system
  if (type === TYPES.CONV_GROUP) return conversation.groupProfile?.name || conversationID.slice(TYPES.CONV_GROUP.length)
  return remark || conversation.userProfile?.nick || conversationID.slice(TYPES.CONV_C2C.length)
}

function markOf({ groupAtInfoList, draftText, unreadCount }: Conversation, words: Words): string {
  const kinds = groupAtInfoList.flatMap(({ atTypeArray }) => atTypeArray)
  if (kinds.some((kind) => kind !== TYPES.CONV_AT_ALL)) return words.conversations.atMe
  if (kinds.length > 0) return words.conversations.atAll
  return draftText !== '' && unreadCount === 0 ? words.conversations.draft : ''
}

function previewOf({ type, lastMessage }: Conversation, me: string, words: Words): string {
  const { fromAccount, nick, nameCard, isRevoked } = lastMessage
  const isMine = fromAccount === me
  const sender = nameCard || nick || fromAccount
  if (isRevoked && isMine) return words.says.revokedMine
  // What was taken back has lost its sender's name.
  if (isRevoked) return nameCard || nick ? words.says.revokedBy(sender) : words.says.revokedBySomebody
  const text = summaryOf(lastMessage, me, words)
  const isFounding = lastMessage.type === TYPES.MSG_CUSTOM && founderIn(lastMessage.payload) !== undefined
  const isSaid = lastMessage.type !== TYPES.MSG_GRP_TIP && lastMessage.type !== '' && !isFounding
  return type === TYPES.CONV_GROUP && isSaid && !isMine ? `${sender}: ${text}` : text
}
