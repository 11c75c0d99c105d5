import type { Conversation as OurConversation, Self } from '../../core/client-api.ts'
import { TYPES } from '../types.ts'
import { showElement, toTimElement, type Payload } from './element.ts'
import { toTimConversationID } from './ids.ts'
import { Profile } from './profile.ts'

export interface LastMessage {
  lastTime: number
  lastSequence: number
  fromAccount: string
  messageForShow: string
  payload: Payload | null
  type: string
  isRevoked: boolean
  revoker: string | null
  isPeerRead: boolean
  cloudCustomData: string
  onlineOnlyFlag: boolean
  nick: string
  nameCard: string
  version: number
}

/** TIM's conversation; one object for its whole life, changed in place (tim-semantics §3.5). */
export class Conversation {
  conversationID: string
  type: string = TYPES.CONV_C2C
  subType = ''
  unreadCount = 0
  lastMessage: LastMessage = emptyLastMessage()
  groupAtInfoList: unknown[] = []
  peerReadTime = 0
  remark = ''
  isPinned = false
  messageRemindType = ''
  markList: number[] = []
  customData = ''
  conversationGroupList: string[] = []
  draftText = ''
  userProfile: Profile

  constructor(conversationID: string, userProfile: Profile) {
    this.conversationID = conversationID
    this.userProfile = userProfile
  }

  get toAccount(): string {
    return this.conversationID.slice(TYPES.CONV_C2C.length)
  }
}

/** A new object for a conversation of ours. */
export function toTimConversation(ours: OurConversation, self: Self): Conversation {
  const conversation = new Conversation(toTimConversationID(ours.conversationId, self.userId), new Profile(ours.peer))
  updateConversation(conversation, ours, self)
  return conversation
}

/** Brings the application's object up to date with ours. */
export function updateConversation(conversation: Conversation, ours: OurConversation, self: Self): void {
  conversation.unreadCount = ours.unread
  conversation.peerReadTime = Math.floor(ours.peerReadAtMs / 1000)
  conversation.isPinned = ours.pinnedAtMs !== undefined
  conversation.userProfile.nick = ours.peer.nick
  conversation.userProfile.avatar = ours.peer.avatar
  conversation.lastMessage = lastMessageOf(ours, self, conversation.lastMessage)
}

function lastMessageOf(ours: OurConversation, self: Self, before: LastMessage): LastMessage {
  const { lastMessage } = ours
  if (!lastMessage) return emptyLastMessage()
  const element = lastMessage.elements[0] && toTimElement(lastMessage.elements[0])
  const isMine = lastMessage.senderId === self.userId
  // A revoked message has lost its content; what the list showed stays until a newer message comes (tim-semantics §4.7).
  const kept = lastMessage.revoked && before.lastSequence === lastMessage.seq ? before : undefined
  return {
    lastTime: Math.floor(lastMessage.sentAtMs / 1000),
    lastSequence: lastMessage.seq,
    fromAccount: lastMessage.senderId,
    messageForShow: element ? showElement(element) : (kept?.messageForShow ?? ''),
    payload: element?.content ?? kept?.payload ?? { text: '' },
    type: element?.type ?? kept?.type ?? TYPES.MSG_TEXT,
    isRevoked: lastMessage.revoked !== undefined,
    revoker: lastMessage.revoked?.by ?? null,
    isPeerRead: isMine && lastMessage.seq <= ours.peerReadSeq,
    cloudCustomData: lastMessage.customData ?? '',
    onlineOnlyFlag: false,
    nick: lastMessage.senderNick ?? '',
    nameCard: '',
    version: 0,
  }
}

function emptyLastMessage(): LastMessage {
  return {
    lastTime: 0,
    lastSequence: 0,
    fromAccount: '',
    messageForShow: '',
    payload: null,
    type: '',
    isRevoked: false,
    revoker: null,
    isPeerRead: false,
    cloudCustomData: '',
    onlineOnlyFlag: false,
    nick: '',
    nameCard: '',
    version: 0,
  }
}

/** Pinned with a message, pinned without, others with a message, others without; the newest first (tim-semantics §3.5). */
export function compareConversations(a: OurConversation, b: OurConversation): number {
  return (
    Number(b.pinnedAtMs !== undefined) - Number(a.pinnedAtMs !== undefined) ||
    (b.lastMessage?.sentAtMs ?? 0) - (a.lastMessage?.sentAtMs ?? 0)
  )
}
