import type { UserId } from '@hongyan/protocol'
import type { Conversation as OurConversation } from '../../core/client-api.ts'
import { TYPES } from '../types.ts'
import { placeOf, showElement, toTimElement, type Payload, type UrlOf } from './element.ts'
import { toTimUserID } from './ids.ts'

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

/** What a list shows of a conversation's last message; `before` is what it showed until now. */
export function lastMessageOf(
  ours: OurConversation,
  me: UserId | '',
  urlOf: UrlOf,
  before = emptyLastMessage(),
): LastMessage {
  const { lastMessage } = ours
  if (!lastMessage) return emptyLastMessage()
  const [first] = lastMessage.elements
  const element = first && toTimElement(first, placeOf(ours.conversationId, ours.about, urlOf))
  // A revoked message has lost its content; what the list showed stays until a newer message comes (tim-semantics §4.7).
  const kept = lastMessage.revoked && before.lastSequence === lastMessage.seq ? before : undefined
  return {
    lastTime: Math.floor(lastMessage.sentAtMs / 1000),
    lastSequence: lastMessage.seq,
    fromAccount: toTimUserID(lastMessage.senderId),
    messageForShow: element ? showElement(element) : (kept?.messageForShow ?? ''),
    payload: element?.content ?? kept?.payload ?? { text: '' },
    type: element?.type ?? kept?.type ?? TYPES.MSG_TEXT,
    isRevoked: lastMessage.revoked !== undefined,
    revoker: lastMessage.revoked ? toTimUserID(lastMessage.revoked.by) : null,
    isPeerRead: lastMessage.senderId === me && lastMessage.seq <= ours.peerReadSeq,
    cloudCustomData: lastMessage.customData ?? '',
    onlineOnlyFlag: false,
    nick: lastMessage.senderNick ?? '',
    nameCard: lastMessage.senderCard ?? '',
    version: lastMessage.version ?? 0,
  }
}

export function emptyLastMessage(): LastMessage {
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
