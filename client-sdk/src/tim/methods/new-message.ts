import type { Platform } from '../../core/client-api.ts'
import type { Chat } from '../chat.ts'
import type { TimElement } from '../mapping/element.ts'
import { toConversationId } from '../mapping/ids.ts'
import { Message } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText, isTextList } from '../validation.ts'

/** What all `create…Message` take. */
export interface CreateOptions<Payload> {
  to: string
  conversationType: string
  payload: Payload
  priority?: string
  cloudCustomData?: string
  needReadReceipt?: boolean
  isSupportExtension?: boolean
  /** In a group: for these members alone; of more than 50 the rest is left out, as in TIM. */
  receiverList?: string[]
}

/** TIM's bound. */
const MAX_RECEIVERS = 50

/** Makes a message for somebody out of its elements. Throws where `to`, `conversationType` … are not what TIM takes. */
export type MakeMessage = (
  method: string,
  options: CreateOptions<unknown>,
  elements: readonly TimElement[],
  atUserList?: readonly string[],
) => Message

/** For all methods that make messages: one counter. */
export function messageMaker(chat: Chat): MakeMessage {
  const counter = new ClientSequence(chat.platform.clock)
  return (method, options, elements, atUserList = []) => {
    assertParameter(isObject(options), method, '{ to, conversationType, payload }')
    const { to, conversationType, cloudCustomData = '', receiverList = [] } = options
    assertParameter(isText(to) && isText(conversationType), method, '{ to, conversationType, payload }')
    assertParameter(typeof cloudCustomData === 'string', method, 'cloudCustomData as a string')
    assertParameter(isTextList(receiverList), method, 'receiverList as a list of userIDs')
    return newMessage(chat, counter, options, elements, atUserList)
  }
}

function newMessage(
  chat: Chat,
  counter: ClientSequence,
  options: CreateOptions<unknown>,
  elements: readonly TimElement[],
  atUserList: readonly string[],
): Message {
  const self = chat.self()
  const { to, conversationType, receiverList = [] } = options
  const clientMsgId = chat.client.newClientMsgId()
  const [clientTime = '0', random = '0'] = clientMsgId.split('-')
  const isGroup = conversationType === TYPES.CONV_GROUP
  const conversationID = `${isGroup ? TYPES.CONV_GROUP : TYPES.CONV_C2C}${to}`
  const group = isGroup ? groupIn(chat, conversationID) : undefined
  return new Message({
    ID: `${self.tinyId}-${clientMsgId}`,
    conversationID,
    conversationType,
    conversationSubType: group?.type,
    to,
    from: self.userId,
    flow: 'out',
    elements,
    time: Math.ceil(chat.client.serverNowMs() / 1000),
    clientTime: Number(clientTime),
    random: Number(random),
    sequence: counter.next(),
    clientSequence: counter.last,
    status: 'unSend',
    senderTinyID: self.tinyId,
    nick: self.nick,
    avatar: self.avatar,
    nameCard: group?.selfInfo.nameCard ?? '',
    priority: options.priority ?? TYPES.MSG_PRIORITY_NORMAL,
    needReadReceipt: options.needReadReceipt === true,
    isSupportExtension: options.isSupportExtension === true,
    cloudCustomData: options.cloudCustomData ?? '',
    atUserList: isGroup ? atUserList : [],
    receiverList: isGroup ? receiverList.slice(0, MAX_RECEIVERS) : [],
  })
}

/** A malformed id is refused when the message is sent. */
function groupIn(chat: Chat, conversationID: string) {
  try {
    return chat.conversations.get(toConversationId(conversationID, chat.self().userId))?.groupProfile
  } catch {
    return undefined
  }
}

/** The client's own number of a message: seeded from the clock as HHMMSS0001 (tim-semantics §3.1). */
class ClientSequence {
  last: number

  constructor(clock: Platform['clock']) {
    const now = new Date(clock.now())
    this.last = (now.getHours() * 10_000 + now.getMinutes() * 100 + now.getSeconds()) * 10_000
  }

  next(): number {
    return ++this.last
  }
}
