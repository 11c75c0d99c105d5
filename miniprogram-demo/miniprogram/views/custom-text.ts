import { isObject, parseJson, textAt } from './fields'
import type { Words } from '../text/zh'

/** What Tencent's kits say while somebody types; never shown as a message. */
export const TYPING_ID = 'user_typing_status'

/** True: types; false: has stopped; undefined: another message. */
export function typingIn(data: string): boolean | undefined {
  const content = parseJson(data)
  if (!isObject(content) || content['businessID'] !== TYPING_ID) return undefined
  return content['typingStatus'] === 1
}

export function typingData(isTyping: boolean): string {
  const typingStatus = isTyping ? 1 : 0
  return JSON.stringify({
    businessID: TYPING_ID,
    version: 1,
    userAction: 14,
    typingStatus,
    actionParam: 'EIMAMSG_InputStatus_Ing',
  })
}

/** Somebody founded the group: his name; else undefined. Both spellings of Tencent's SDKs. */
export function founderIn(payload: unknown): string | undefined {
  const data = textAt(payload, 'data')
  if (data === 'group_create') return textAt(payload, 'extension').split(' ')[0] ?? ''
  const content = parseJson(data)
  return textAt(content, 'businessID') === 'group_create' ? textAt(content, 'opUser') : undefined
}

/** A custom message in words: what its maker wrote for readers, else what kind it is. */
export function customText(payload: unknown, words: Words): string {
  const content = parseJson(textAt(payload, 'data'))
  if (isObject(content) && content['businessID'] === 1) return words.tags.call
  const candidates = [
    textAt(payload, 'description'),
    ...['text', 'title', 'content', 'comment', 'description'].map((key) => textAt(content, key)),
  ]
  return candidates.find((text) => text !== '') ?? words.tags.custom
}

/** The link of Tencent's `text_link` messages and the like; empty when there is none. */
export function linkIn(payload: unknown): string {
  const link = textAt(parseJson(textAt(payload, 'data')), 'link')
  return /^https?:\/\//.test(link) ? link : ''
}
