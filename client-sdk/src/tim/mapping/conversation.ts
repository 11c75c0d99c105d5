import type { Mention } from '@hongyan/protocol'
import type { Conversation as OurConversation, Self } from '../../core/client-api.ts'
import { TYPES } from '../types.ts'
import type { UrlOf } from './element.ts'
import type { Group } from './group.ts'
import { partyOf, toTimConversationID, toTimUserID } from './ids.ts'
import { emptyLastMessage, lastMessageOf, type LastMessage } from './last-message.ts'
import { Profile } from './profile.ts'
import { REMINDS } from './words.ts'

/** A message that calls the user and that he has not read. */
export interface GroupAtInfo {
  from: string
  groupID: string
  topicID: string
  messageSequence: number
  /** One of `[1]` me, `[2]` everybody, `[3]` both. */
  atTypeArray: number[]
  __random: number
  __sequence: number
}

/** TIM's conversation; one object for its whole life, changed in place (tim-semantics §3.5). */
export class Conversation {
  conversationID: string
  type: string = TYPES.CONV_C2C
  subType = ''
  unreadCount = 0
  lastMessage: LastMessage = emptyLastMessage()
  groupAtInfoList: GroupAtInfo[] = []
  peerReadTime = 0
  remark = ''
  isPinned = false
  messageRemindType = ''
  markList: number[] = []
  customData = ''
  conversationGroupList: string[] = []
  draftText = ''
  /** Of a one-to-one conversation only, as in TIM. */
  declare userProfile: Profile
  /** Of a group's conversation only. */
  declare groupProfile: Group

  constructor(conversationID: string) {
    this.conversationID = conversationID
  }

  get toAccount(): string {
    return partyOf(this.conversationID)
  }
}

/** What a conversation of the application's is made up to date with. */
export interface ConversationView {
  readonly self: Self
  readonly urlOf: UrlOf
  /** The application's object of the group, where it is one's conversation. */
  readonly group: Group | undefined
}

/** A new object for a conversation of ours. */
export function toTimConversation(ours: OurConversation, view: ConversationView): Conversation {
  const conversation = new Conversation(toTimConversationID(ours.conversationId, view.self.userId))
  if (ours.about.type === 'c2c') conversation.userProfile = new Profile(ours.about.peer)
  if (ours.about.type === 'group') conversation.type = TYPES.CONV_GROUP
  if (ours.about.type === 'system') conversation.type = TYPES.CONV_SYSTEM
  updateConversation(conversation, ours, view)
  return conversation
}

/** Brings the application's object up to date with ours. */
export function updateConversation(conversation: Conversation, ours: OurConversation, view: ConversationView): void {
  const { about } = ours
  conversation.unreadCount = unreadCountOf(ours)
  conversation.peerReadTime = Math.floor(ours.peerReadAtMs / 1000)
  conversation.isPinned = ours.pinnedAtMs !== undefined
  conversation.messageRemindType = REMINDS.toTim(ours.remind)
  conversation.lastMessage = lastMessageOf(ours, view.self.userId, view.urlOf, conversation.lastMessage)
  if (about.type === 'c2c') {
    conversation.userProfile.nick = about.peer.nick
    conversation.userProfile.avatar = about.peer.avatar
  }
  if (about.type !== 'group' || !view.group) return
  conversation.subType = view.group.type
  conversation.groupProfile = view.group
  conversation.groupAtInfoList = ours.mentions.map((mention) => toGroupAtInfo(mention, about.group.groupId))
}

/**
 * Messages that wait. A live room counts none; of what the user does not want to hear only what calls him may count
 * (tim-semantics §4.3).
 */
export function unreadCountOf({ about, unread, remind, mentions }: OurConversation): number {
  if (about.type === 'group' && about.group.type === 'live') return 0
  if (remind === 'discard') return 0
  return remind === 'discard-except-at' ? Math.min(unread, mentions.length) : unread
}

/** Whether it counts in the total. */
export function countsInTotal({ about, remind }: OurConversation): boolean {
  return about.type !== 'system' && remind === 'notify'
}

/** The user wants none of these messages as they come, or only those that call him. */
export function isDiscarded(ours: OurConversation | undefined, isCalled: boolean): boolean {
  return ours?.remind === 'discard' || (ours?.remind === 'discard-except-at' && !isCalled)
}

const AT_TYPES = { me: TYPES.CONV_AT_ME, all: TYPES.CONV_AT_ALL, both: TYPES.CONV_AT_ALL_AT_ME }

function toGroupAtInfo({ seq, senderId, who }: Mention, groupID: string): GroupAtInfo {
  return {
    from: toTimUserID(senderId),
    groupID,
    topicID: '',
    messageSequence: seq,
    atTypeArray: [AT_TYPES[who]],
    __random: 0,
    __sequence: seq,
  }
}

/** Pinned with a message, pinned without, others with a message, others without; the newest first (tim-semantics §3.5). */
export function compareConversations(a: OurConversation, b: OurConversation): number {
  return (
    Number(b.pinnedAtMs !== undefined) - Number(a.pinnedAtMs !== undefined) ||
    (b.lastMessage?.sentAtMs ?? 0) - (a.lastMessage?.sentAtMs ?? 0)
  )
}
