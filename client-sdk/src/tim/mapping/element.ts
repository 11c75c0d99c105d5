import { parseConversationId, type ConversationId } from '@hongyan/protocol/constants'
import type { About, Element, Group, SentElement } from '@hongyan/protocol'
import { timError } from '../errors.ts'
import { TYPES } from '../types.ts'
import { isMediaElement, isMediaType, toMediaElement, toTimMediaElement } from './media-element.ts'
import { toNoticePayload } from './notice.ts'
import { textAt, type Payload, type TimElement, type UrlOf } from './payload.ts'
import { toTipPayload } from './tip.ts'

export type { Payload, TimElement, UrlOf }

/** Where an element stands: tips name their group, and files have addresses. */
export interface Place {
  readonly groupID: string
  readonly group: Group | undefined
  readonly urlOf: UrlOf
}

export function placeOf(conversationId: ConversationId, about: About | undefined, urlOf: UrlOf): Place {
  const parts = parseConversationId(conversationId)
  return {
    groupID: parts?.type === 'group' ? parts.groupId : '',
    // One whose state is still on its way has nothing to say.
    group: about?.type === 'group' && about.group.createdAtMs > 0 ? about.group : undefined,
    urlOf,
  }
}

export function toTimElement(element: Element, { groupID, group, urlOf }: Place): TimElement {
  if (isMediaElement(element)) return toTimMediaElement(element, urlOf)
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
  if (element.type === 'tip') {
    return { type: TYPES.MSG_GRP_TIP, content: toTipPayload(element.tip, groupID, group) }
  }
  if (element.type === 'notice') return { type: TYPES.MSG_GRP_SYS_NOTICE, content: toNoticePayload(element) }
  // A newer server may send what this version does not know.
  return { type: TYPES.MSG_CUSTOM, content: { data: '', description: '', extension: '' } }
}

/** Whether this kind of element can be sent. */
export function isBuilt({ type }: TimElement): boolean {
  return type === TYPES.MSG_TEXT || (SHOWN[type] !== undefined && !isSystems(type))
}

/** Only the system says such things. */
export function isSystems(type: string): boolean {
  return type === TYPES.MSG_GRP_TIP || type === TYPES.MSG_GRP_SYS_NOTICE
}

/** The element as it goes over the wire. Rejects 3122 for types that are not built yet. */
export function toElement({ type, content }: TimElement): SentElement {
  const text = (key: string): string => textAt(content, key)
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
      if (isMediaType(type)) return toMediaElement({ type, content })
      throw timError(3122, type)
  }
}

/** What a list shows for a message. The kits compare the Chinese words literally (tim-semantics §3.2). */
export function showElement({ type, content }: TimElement): string {
  if (type === TYPES.MSG_TEXT) return textAt(content, 'text')
  return SHOWN[type] ?? ''
}

const SHOWN: { readonly [type: string]: string } = {
  [TYPES.MSG_FACE]: '[动画表情]',
  [TYPES.MSG_LOCATION]: '[位置]',
  [TYPES.MSG_CUSTOM]: '[自定义消息]',
  [TYPES.MSG_IMAGE]: '[图片]',
  [TYPES.MSG_AUDIO]: '[语音]',
  [TYPES.MSG_VIDEO]: '[视频]',
  [TYPES.MSG_FILE]: '[文件]',
  [TYPES.MSG_MERGER]: '[聊天记录]',
  [TYPES.MSG_GRP_TIP]: '[群提示消息]',
  [TYPES.MSG_GRP_SYS_NOTICE]: '[群系统通知]',
}
