import type { Element } from '@hongyan/protocol'
import { timError } from '../errors.ts'
import { TYPES } from '../types.ts'

/** What a message says. Which of these are there depends on the message's `type` (tim-semantics §3.2). */
export interface Payload {
  text?: string
  data?: string
  description?: string
  extension?: string
  index?: number
  longitude?: number
  latitude?: number
  [more: string]: unknown
}

/** A typed part of a TIM message. */
export interface TimElement {
  readonly type: string
  content: Payload
}

export function toTimElement(element: Element): TimElement {
  if (element.type === 'text') return { type: TYPES.MSG_TEXT, content: { text: element.text } }
  if (element.type === 'face') return { type: TYPES.MSG_FACE, content: { index: element.index, data: element.data } }
  if (element.type === 'location') {
    const { description, longitude, latitude } = element
    return { type: TYPES.MSG_LOCATION, content: { description, longitude, latitude } }
  }
  if (element.type === 'custom') {
    const { data, description, extension } = element
    return { type: TYPES.MSG_CUSTOM, content: { data, description, extension } }
  }
  // A newer server may send what this version does not know.
  return { type: TYPES.MSG_CUSTOM, content: { data: '', description: '', extension: '' } }
}

/** Whether this kind of element can be sent. */
export function isBuilt({ type }: TimElement): boolean {
  return type === TYPES.MSG_TEXT || SHOWN[type] !== undefined
}

/** The element as it goes over the wire. Rejects 3122 for types that are not built yet. */
export function toElement({ type, content }: TimElement): Element {
  const text = (key: string): string => textOf(content[key])
  const number = (key: string): number => Number(content[key])
  switch (type) {
    case TYPES.MSG_TEXT:
      return { type: 'text', text: text('text') }
    case TYPES.MSG_FACE:
      return { type: 'face', index: number('index'), data: text('data') }
    case TYPES.MSG_LOCATION:
      return {
        type: 'location',
        description: text('description'),
        longitude: number('longitude'),
        latitude: number('latitude'),
      }
    case TYPES.MSG_CUSTOM:
      return { type: 'custom', data: text('data'), description: text('description'), extension: text('extension') }
    default:
      throw timError(3122, type)
  }
}

/** What a list shows for a message. The kits compare the Chinese words literally (tim-semantics §3.2). */
export function showElement({ type, content }: TimElement): string {
  if (type === TYPES.MSG_TEXT) return textOf(content['text'])
  return SHOWN[type] ?? ''
}

/** An application may have put anything into a payload. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

const SHOWN: { readonly [type: string]: string } = {
  [TYPES.MSG_FACE]: '[动画表情]',
  [TYPES.MSG_LOCATION]: '[位置]',
  [TYPES.MSG_CUSTOM]: '[自定义消息]',
}
