import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { isBuilt, type TimElement } from '../mapping/element.ts'
import { Message } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText } from '../validation.ts'

/** What all `create…Message` take. */
export interface CreateOptions<Payload> {
  to: string
  conversationType: string
  payload: Payload
  priority?: string
  cloudCustomData?: string
  needReadReceipt?: boolean
  isSupportExtension?: boolean
}

export interface LocationPayload {
  description: string
  longitude: number
  latitude: number
}

/** Messages on their way out: made at once, sent later. */
export function createMethods(chat: Chat) {
  const counter = new ClientSequence(chat.platform.clock.now())

  function create(method: string, options: CreateOptions<unknown>, elements: readonly TimElement[]): Message {
    const { to, conversationType, cloudCustomData = '' } = options
    assertParameter(isText(to) && isText(conversationType), method, '{ to, conversationType, payload }')
    assertParameter(isString(cloudCustomData), method, 'cloudCustomData as a string')
    return createMessage(chat, counter, options, elements)
  }

  /** A copy of another message for somebody else. Refuses as TIM does: the sender gets a promise instead of a message. */
  function createForwardMessage(options: CreateOptions<Message>): Message
  function createForwardMessage(options: CreateOptions<Message>): Message | Promise<never> {
    assertParameter(hasPayload(options), 'createForwardMessage', '{ to, conversationType, payload: Message }')
    const { type, payload, _elements } = options.payload
    if (type === TYPES.MSG_GRP_TIP || type === TYPES.MSG_GRP_SYS_NOTICE) return Promise.reject(timError(2453))
    if (!Array.isArray(_elements)) return Promise.reject(timError(2454))
    if (!_elements.every(isBuilt)) return Promise.reject(timError(3122, type))
    const copies = _elements.map((element) => ({ type: element.type, content: { ...element.content } }))
    return create('createForwardMessage', options, [{ type, content: { ...payload } }, ...copies.slice(1)])
  }

  return {
    createTextMessage: (options: CreateOptions<{ text: string }>) => {
      const wanted = '{ to, conversationType, payload: { text } }'
      assertParameter(hasPayload(options) && isText(options.payload.text), 'createTextMessage', wanted)
      return create('createTextMessage', options, [{ type: TYPES.MSG_TEXT, content: { text: options.payload.text } }])
    },
    createCustomMessage: (options: CreateOptions<{ data?: string; description?: string; extension?: string }>) => {
      const wanted = '{ to, conversationType, payload: { data, description, extension } }, all strings'
      assertParameter(hasPayload(options), 'createCustomMessage', wanted)
      const { data = '', description = '', extension = '' } = options.payload
      assertParameter([data, description, extension].every(isString), 'createCustomMessage', wanted)
      const content = { data, description, extension }
      return create('createCustomMessage', options, [{ type: TYPES.MSG_CUSTOM, content }])
    },
    createFaceMessage: (options: CreateOptions<{ index: number; data: string }>) => {
      const wanted = '{ to, conversationType, payload: { index: number, data: string } }'
      assertParameter(hasPayload(options), 'createFaceMessage', wanted)
      const { index, data } = options.payload
      assertParameter(Number.isInteger(index) && isString(data), 'createFaceMessage', wanted)
      return create('createFaceMessage', options, [{ type: TYPES.MSG_FACE, content: { index, data } }])
    },
    createLocationMessage: (options: CreateOptions<LocationPayload>) => {
      const wanted = '{ to, conversationType, payload: { description, longitude, latitude } }'
      assertParameter(hasPayload(options), 'createLocationMessage', wanted)
      const { description, longitude, latitude } = options.payload
      assertParameter(isString(description) && isPlace(longitude, latitude), 'createLocationMessage', wanted)
      const content = { description, longitude, latitude }
      return create('createLocationMessage', options, [{ type: TYPES.MSG_LOCATION, content }])
    },
    createForwardMessage,
  }
}

/** A message on its way out. */
function createMessage(
  chat: Chat,
  counter: ClientSequence,
  options: CreateOptions<unknown>,
  elements: readonly TimElement[],
): Message {
  const self = chat.self()
  const clientMsgId = chat.client.newClientMsgId()
  const [clientTime = '0', random = '0'] = clientMsgId.split('-')
  const isGroup = options.conversationType === TYPES.CONV_GROUP
  const message = new Message({
    ID: `${self.tinyId}-${clientMsgId}`,
    conversationID: `${isGroup ? 'GROUP' : 'C2C'}${options.to}`,
    to: options.to,
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
    priority: options.priority ?? TYPES.MSG_PRIORITY_NORMAL,
    needReadReceipt: options.needReadReceipt === true,
    isSupportExtension: options.isSupportExtension === true,
    cloudCustomData: options.cloudCustomData ?? '',
  })
  message.conversationType = options.conversationType
  return message
}

/** The client's own number of a message: seeded from the clock as HHMMSS0001 (tim-semantics §3.1). */
class ClientSequence {
  last: number

  constructor(nowMs: number) {
    const now = new Date(nowMs)
    this.last = (now.getHours() * 10_000 + now.getMinutes() * 100 + now.getSeconds()) * 10_000
  }

  next(): number {
    return ++this.last
  }
}

function hasPayload<Payload>(options: CreateOptions<Payload>): boolean {
  return isObject(options) && isObject(options.payload)
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

/** Kits calculate with these, so texts of numbers will not do. */
function isPlace(longitude: unknown, latitude: unknown): boolean {
  if (typeof longitude !== 'number' || typeof latitude !== 'number') return false
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90
}
