import type { Message as WireMessage, VolatileMessage } from '@hongyan/protocol'
import type { Self } from '../../core/client-api.ts'
import { TYPES } from '../types.ts'
import { toTimElement, type Payload, type TimElement } from './element.ts'
import { peerOfConversation, toTimConversationID } from './ids.ts'

export type MessageStatus = 'unSend' | 'success' | 'fail'

/** Who took a message back. */
export interface Revoker {
  userID: string
  nick: string
  avatar: string
}

/** What a message is made of: what the application or the wire says, the rest has defaults. */
export interface MessageFields {
  readonly ID: string
  readonly conversationID: string
  readonly to: string
  readonly from: string
  readonly flow: 'in' | 'out'
  readonly elements: readonly TimElement[]
  readonly time: number
  readonly clientTime: number
  readonly sequence: number
  readonly clientSequence: number
  readonly random: number
  readonly status: MessageStatus
  readonly senderTinyID: string
  readonly priority?: string
  readonly nick?: string
  readonly avatar?: string
  readonly isRead?: boolean
  readonly isPeerRead?: boolean
  readonly needReadReceipt?: boolean
  readonly cloudCustomData?: string
  readonly isSupportExtension?: boolean
  readonly isOnlineOnly?: boolean
  readonly isExcludedFromUnreadCount?: boolean
  readonly isExcludedFromLastMessage?: boolean
}

/**
 * TIM's message: data fields are own and enumerable, because kits copy `Object.keys`; applications hold the very objects
 * the SDK holds, and see them change (tim-semantics §3.1, §8).
 */
export class Message {
  ID: string
  type: string
  payload: Payload
  conversationID: string
  conversationType: string = TYPES.CONV_C2C
  conversationSubType: string | undefined = undefined
  to: string
  from: string
  flow: 'in' | 'out'
  time: number
  clientTime: number
  sequence: number
  clientSequence: number
  random: number
  priority: string
  status: MessageStatus
  nick: string
  avatar: string
  nameCard = ''
  isRead: boolean
  isPeerRead: boolean
  needReadReceipt: boolean
  readReceiptInfo: {
    readCount: number | undefined
    unreadCount: number | undefined
    isPeerRead: boolean | undefined
    timestamp: number
  } = { readCount: undefined, unreadCount: undefined, isPeerRead: undefined, timestamp: 0 }
  isRevoked = false
  revoker = ''
  revokerInfo: Revoker = { userID: '', nick: '', avatar: '' }
  revokeReason = ''
  isDeleted = false
  isModified = false
  version = 0
  isPlaceMessage = 0
  isSystemMessage = false
  isBroadcastMessage = false
  isSupportExtension: boolean
  isResend = false
  hasRiskContent = false
  atUserList: string[] = []
  cloudCustomData: string
  senderTinyID: string
  protocol = 'JSON'
  _elements: TimElement[]
  _onlineOnlyFlag: boolean
  _isExcludedFromUnreadCount: boolean
  _isExcludedFromLastMessage: boolean

  constructor(fields: MessageFields) {
    const first = fields.elements[0] ?? { type: TYPES.MSG_TEXT, content: { text: '' } }
    this.ID = fields.ID
    this.type = first.type
    this.payload = first.content
    this.conversationID = fields.conversationID
    this.to = fields.to
    this.from = fields.from
    this.flow = fields.flow
    this.time = fields.time
    this.clientTime = fields.clientTime
    this.sequence = fields.sequence
    this.clientSequence = fields.clientSequence
    this.random = fields.random
    this.priority = fields.priority ?? TYPES.MSG_PRIORITY_NORMAL
    this.status = fields.status
    this.nick = fields.nick ?? ''
    this.avatar = fields.avatar ?? ''
    this.isRead = fields.isRead ?? fields.flow === 'out'
    this.isPeerRead = fields.isPeerRead ?? false
    this.needReadReceipt = fields.needReadReceipt ?? false
    this.isSupportExtension = fields.isSupportExtension ?? false
    this.cloudCustomData = fields.cloudCustomData ?? ''
    this.senderTinyID = fields.senderTinyID
    this._elements = fields.elements.length > 0 ? [...fields.elements] : [first]
    this._onlineOnlyFlag = fields.isOnlineOnly ?? false
    this._isExcludedFromUnreadCount = fields.isExcludedFromUnreadCount ?? false
    this._isExcludedFromLastMessage = fields.isExcludedFromLastMessage ?? false
  }

  get elements(): TimElement[] {
    return this._elements
  }

  getElements(): TimElement[] {
    return this._elements
  }
}

/** Where both sides of a one-to-one conversation stand, for `isRead` and `isPeerRead`. */
export interface ReadMarks {
  readonly readSeq: number
  readonly peerReadSeq: number
}

/** A message that came over the wire. */
export function toTimMessage(wire: WireMessage, self: Self, marks: ReadMarks): Message {
  const message = new Message({ ...commonFields(wire, self), sequence: wire.seq, clientSequence: wire.seq })
  refreshMessage(message, wire, marks)
  return message
}

/**
 * Brings a message that the application holds up to what the server says of it now: one that seemed to have failed may be
 * stored, and what happened while this device was away too long was told by no event.
 */
export function refreshMessage(message: Message, wire: WireMessage, marks: ReadMarks): void {
  message.status = 'success'
  message.sequence = wire.seq
  message.time = Math.floor(wire.sentAtMs / 1000)
  if (message.flow === 'in' && wire.seq <= marks.readSeq) message.isRead = true
  if (message.flow === 'out' && wire.seq <= marks.peerReadSeq) message.isPeerRead = true
  if (!wire.revoked) return
  const { by, reason = '' } = wire.revoked
  const isBySender = by === wire.senderId
  markRevoked(
    message,
    { userID: by, nick: isBySender ? message.nick : '', avatar: isBySender ? message.avatar : '' },
    reason,
  )
}

/** An online-only message. */
export function toTimVolatileMessage(wire: VolatileMessage, self: Self): Message {
  return new Message({ ...commonFields(wire, self), sequence: 0, clientSequence: 0, isOnlineOnly: true })
}

/** The payload stays for those who have it: an application may offer to edit it again. */
export function markRevoked(message: Message, revoker: Revoker, reason: string): void {
  message.isRevoked = true
  message.revoker = revoker.userID
  message.revokerInfo = revoker
  message.revokeReason = reason
}

function commonFields(wire: VolatileMessage, self: Self): Omit<MessageFields, 'sequence' | 'clientSequence'> {
  const isMine = wire.senderId === self.userId
  const { senderTinyID, clientTime, random } = idParts(wire.id)
  return {
    ID: wire.id,
    conversationID: toTimConversationID(wire.conversationId, self.userId),
    from: wire.senderId,
    to: isMine ? peerOfConversation(wire.conversationId, self.userId) : self.userId,
    flow: isMine ? 'out' : 'in',
    elements: wire.elements.map(toTimElement),
    time: Math.floor(wire.sentAtMs / 1000),
    clientTime: clientTime ?? Math.floor(wire.sentAtMs / 1000),
    random,
    senderTinyID,
    status: 'success',
    priority: toTimPriority(wire.priority),
    nick: wire.senderNick ?? '',
    avatar: wire.senderAvatar ?? '',
    needReadReceipt: wire.needsReceipt ?? false,
    cloudCustomData: wire.customData ?? '',
    isExcludedFromUnreadCount: wire.uncounted ?? false,
    isExcludedFromLastMessage: wire.notLast ?? false,
  }
}

/** `<tiny id>-<client time>-<random>`; ids of other sources have no time and no random. */
function idParts(id: string): { senderTinyID: string; clientTime: number | undefined; random: number } {
  const [senderTinyID = '', clientTime = '', random = ''] = id.split('-')
  const isTims = /^\d+$/.test(clientTime) && /^\d+$/.test(random)
  return { senderTinyID, clientTime: isTims ? Number(clientTime) : undefined, random: isTims ? Number(random) : 0 }
}

const PRIORITIES = { high: TYPES.MSG_PRIORITY_HIGH, low: TYPES.MSG_PRIORITY_LOW, lowest: TYPES.MSG_PRIORITY_LOWEST }

export function toTimPriority(priority: WireMessage['priority']): string {
  return priority === undefined ? TYPES.MSG_PRIORITY_NORMAL : PRIORITIES[priority]
}

export function toPriority(priority: string): WireMessage['priority'] {
  if (priority === TYPES.MSG_PRIORITY_HIGH) return 'high'
  if (priority === TYPES.MSG_PRIORITY_LOW) return 'low'
  return priority === TYPES.MSG_PRIORITY_LOWEST ? 'lowest' : undefined
}
