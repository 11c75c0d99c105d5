import { SYSTEM_USER_ID } from '@hongyan/protocol/constants'
import type { About, EntryOf, Message as WireMessage, VolatileMessage } from '@hongyan/protocol'
import type { Self } from '../../core/client-api.ts'
import { TYPES } from '../types.ts'
import { placeOf, toTimElement, type Payload, type TimElement, type UrlOf } from './element.ts'
import { isGroupID, partyOf, toTimConversationID, toTimMessageID, toTimUserID } from './ids.ts'
import type { TimPerson } from './person.ts'
import { faceOfTip } from './tip.ts'
import { GROUP_TYPES } from './words.ts'

export type MessageStatus = 'unSend' | 'success' | 'fail'

/** Who took a message back. */
export type Revoker = TimPerson

/** What a message is made of: what the application or the wire says, the rest has defaults. */
export interface MessageFields {
  readonly ID: string
  readonly conversationID: string
  readonly conversationType?: string
  readonly conversationSubType?: string | undefined
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
  readonly nameCard?: string
  readonly isSystemMessage?: boolean
  readonly atUserList?: readonly string[]
  readonly receiverList?: readonly string[]
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
  conversationType: string
  conversationSubType: string | undefined
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
  nameCard: string
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
  isSystemMessage: boolean
  isBroadcastMessage = false
  isSupportExtension: boolean
  isResend = false
  hasRiskContent = false
  atUserList: string[]
  cloudCustomData: string
  senderTinyID: string
  protocol = 'JSON'
  _elements: TimElement[]
  _onlineOnlyFlag: boolean
  _isExcludedFromUnreadCount: boolean
  _isExcludedFromLastMessage: boolean
  /** In a group: for these members alone; empty for everybody. */
  _receiverList: string[]
  /** Who pinned it; only on pinned messages, which have it as a field of their own. */
  declare pinnerInfo?: TimPerson

  constructor(fields: MessageFields) {
    const first = fields.elements[0] ?? { type: TYPES.MSG_TEXT, content: { text: '' } }
    this.ID = fields.ID
    this.type = first.type
    this.payload = first.content
    this.conversationID = fields.conversationID
    this.conversationType = fields.conversationType ?? TYPES.CONV_C2C
    this.conversationSubType = fields.conversationSubType
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
    this.nameCard = fields.nameCard ?? ''
    this.isSystemMessage = fields.isSystemMessage ?? false
    this.atUserList = [...(fields.atUserList ?? [])]
    this._receiverList = [...(fields.receiverList ?? [])]
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

/** What its conversation says about a message: where both sides stand, and what it is with. */
export interface ReadMarks {
  readonly readSeq: number
  readonly peerReadSeq: number
  readonly about?: About
}

/** Without the addresses of files: where nobody will look at them. */
const NO_URL: UrlOf = () => ''

/** A message that came over the wire. */
export function toTimMessage(wire: WireMessage, self: Self, marks: ReadMarks, urlOf: UrlOf = NO_URL): Message {
  const fields = commonFields(wire, self, marks.about, urlOf)
  const message = new Message({ ...fields, sequence: wire.seq, clientSequence: wire.seq })
  refreshMessage(message, wire, marks, urlOf)
  return message
}

/**
 * Brings a message that the application holds up to what the server says of it now: one that seemed to have failed may be
 * stored, and what happened while this device was away too long was told by no event.
 */
export function refreshMessage(message: Message, wire: WireMessage, marks: ReadMarks, urlOf: UrlOf = NO_URL): void {
  message.status = 'success'
  message.sequence = wire.seq
  message.time = Math.floor(wire.sentAtMs / 1000)
  if (message.flow === 'in' && wire.seq <= marks.readSeq) message.isRead = true
  if (message.flow === 'out' && wire.seq <= marks.peerReadSeq) message.isPeerRead = true
  if (wire.receiptAtMs !== undefined) markReceipted(message, wire.receiptAtMs)
  if (wire.revoked) {
    const { by, reason = '' } = wire.revoked
    const isBySender = by === wire.senderId
    const { nick, avatar } = isBySender ? message : { nick: '', avatar: '' }
    markRevoked(message, { userID: toTimUserID(by), nick, avatar }, reason)
  } else if ((wire.version ?? 0) > message.version) {
    const { version = 0, elements, customData } = wire
    modifyMessage(message, { version, elements, customData }, placeOf(wire.conversationId, marks.about, urlOf))
  }
}

/** An online-only message. */
export function toTimVolatileMessage(wire: VolatileMessage, self: Self, about?: About, urlOf: UrlOf = NO_URL): Message {
  const fields = commonFields(wire, self, about, urlOf)
  return new Message({ ...fields, sequence: 0, clientSequence: 0, isOnlineOnly: true })
}

/** The payload stays for those who have it: an application may offer to edit it again. */
export function markRevoked(message: Message, revoker: Revoker, reason: string): void {
  message.isRevoked = true
  message.revoker = revoker.userID
  message.revokerInfo = revoker
  message.revokeReason = reason
}

/** One-to-one: the peer has sent his receipt. */
export function markReceipted(message: Message, atMs: number): void {
  message.readReceiptInfo.isPeerRead = true
  message.readReceiptInfo.timestamp = Math.floor(atMs / 1000)
}

type Modification = Pick<EntryOf<'modified'>, 'version' | 'elements'> & { readonly customData?: string | undefined }

/** Its content is this now. */
export function modifyMessage(message: Message, to: Modification, place: Parameters<typeof toTimElement>[1]): void {
  const elements = to.elements.map((element) => toTimElement(element, place))
  const [first] = elements
  if (!first) return
  message.version = to.version
  message.isModified = to.version > 0
  message.type = first.type
  message.payload = first.content
  message._elements = elements
  message.cloudCustomData = to.customData ?? ''
}

function commonFields(
  wire: VolatileMessage,
  self: Self,
  about: About | undefined,
  urlOf: UrlOf,
): Omit<MessageFields, 'sequence' | 'clientSequence'> {
  const isMine = wire.senderId === self.userId
  const ID = toTimMessageID(wire.id, wire.senderId)
  const { senderTinyID, clientTime, random } = idParts(ID)
  const conversationID = toTimConversationID(wire.conversationId, self.userId)
  const place = placeOf(wire.conversationId, about, urlOf)
  return {
    ID,
    conversationID,
    conversationType: typeOf(conversationID),
    conversationSubType: place.group && GROUP_TYPES.toTim(place.group.type),
    from: toTimUserID(wire.senderId),
    to: recipientOf(wire, conversationID, self),
    flow: isMine ? 'out' : 'in',
    elements: wire.elements.map((element) => toTimElement(element, place)),
    time: Math.floor(wire.sentAtMs / 1000),
    clientTime: clientTime ?? Math.floor(wire.sentAtMs / 1000),
    random,
    senderTinyID,
    status: 'success',
    priority: toTimPriority(wire.priority),
    nick: faceOf(wire).nick,
    avatar: faceOf(wire).avatar,
    nameCard: wire.senderCard ?? '',
    isSystemMessage: wire.senderId === SYSTEM_USER_ID,
    atUserList: [...(wire.mentions?.userIds ?? []), ...(wire.mentions?.all === true ? [TYPES.MSG_AT_ALL] : [])],
    receiverList: wire.receiverIds ?? [],
    needReadReceipt: wire.needsReceipt ?? false,
    isSupportExtension: wire.extensible ?? false,
    cloudCustomData: wire.customData ?? '',
    isExcludedFromUnreadCount: wire.uncounted ?? false,
    isExcludedFromLastMessage: wire.notLast ?? false,
  }
}

function typeOf(conversationID: string): string {
  if (isGroupID(conversationID)) return TYPES.CONV_GROUP
  return conversationID === TYPES.CONV_SYSTEM ? TYPES.CONV_SYSTEM : TYPES.CONV_C2C
}

/** A notice is addressed to the group it is about: kits build the group's conversation from it (tim-semantics §8.14). */
function recipientOf({ elements, senderId }: VolatileMessage, conversationID: string, self: Self): string {
  const [first] = elements
  if (first?.type === 'notice') return first.groupId
  return isGroupID(conversationID) || senderId === self.userId ? partyOf(conversationID) : self.userId
}

/** The sender's name and picture; where the system speaks, of whom it speaks. */
function faceOf({ elements, senderNick = '', senderAvatar = '' }: VolatileMessage): { nick: string; avatar: string } {
  const [first] = elements
  if (first?.type === 'tip') return faceOfTip(first.tip)
  if (first?.type === 'notice') return { nick: first.by.nick ?? '', avatar: first.by.avatar ?? '' }
  return { nick: senderNick, avatar: senderAvatar }
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
