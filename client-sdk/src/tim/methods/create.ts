import { timError } from '../errors.ts'
import { isBuilt, isSystems } from '../mapping/element.ts'
import { copyOfPayload } from '../mapping/media-element.ts'
import type { Message } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText, isTextList } from '../validation.ts'
import type { CreateOptions, MakeMessage } from './new-message.ts'

export interface LocationPayload {
  description: string
  longitude: number
  latitude: number
}

/** Messages on their way out: made at once, sent later. */
export function createMethods(create: MakeMessage) {
  /** A copy of another message for somebody else. Refuses as TIM does: the sender gets a promise instead of a message. */
  function createForwardMessage(options: CreateOptions<Message>): Message
  function createForwardMessage(options: CreateOptions<Message>): Message | Promise<never> {
    assertParameter(hasPayload(options), 'createForwardMessage', '{ to, conversationType, payload: Message }')
    const { type, payload, _elements } = options.payload
    if (isSystems(type)) return Promise.reject(timError(2453))
    if (!Array.isArray(_elements)) return Promise.reject(timError(2454))
    if (!_elements.every(isBuilt)) return Promise.reject(timError(3122, type))
    const others = _elements
      .slice(1)
      .map((element) => ({ type: element.type, content: copyOfPayload(element.content) }))
    return create('createForwardMessage', options, [{ type, content: copyOfPayload(payload) }, ...others])
  }

  return {
    createTextMessage: (options: CreateOptions<{ text: string }>) => {
      const wanted = '{ to, conversationType, payload: { text } }'
      assertParameter(hasPayload(options) && isText(options.payload.text), 'createTextMessage', wanted)
      return create('createTextMessage', options, [{ type: TYPES.MSG_TEXT, content: { text: options.payload.text } }])
    },
    /** In a group: calls members by name, or everybody with MSG_AT_ALL. */
    createTextAtMessage: (options: CreateOptions<{ text: string; atUserList: string[] }>) => {
      const wanted = '{ to, conversationType: GROUP, payload: { text, atUserList } }'
      assertParameter(
        hasPayload(options) && options.conversationType === TYPES.CONV_GROUP,
        'createTextAtMessage',
        wanted,
      )
      const { text, atUserList } = options.payload
      assertParameter(isText(text) && isTextList(atUserList), 'createTextAtMessage', wanted)
      return create('createTextAtMessage', options, [{ type: TYPES.MSG_TEXT, content: { text } }], atUserList)
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
