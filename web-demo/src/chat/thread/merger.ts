import type { Message, Payload } from '@hongyan/client-sdk'
import { language } from '../../words/language.ts'
import { abstractOf } from '../quote.ts'

/** A message of a merged list. */
export interface MergedMessage {
  readonly ID: string
  readonly from: string
  readonly name: string
  readonly avatar: string
  readonly time: number
  readonly type: string
  readonly payload: Payload
}

/** As many lines as the card shows. */
const ABSTRACT_LINES = 3

export function titleOf({ title }: Payload): string {
  return typeof title === 'string' ? title : ''
}

export function abstractsOf({ abstractList }: Payload): readonly string[] {
  return Array.isArray(abstractList) ? abstractList.filter((line) => typeof line === 'string') : []
}

/** What a merged list holds; another client made it, so that nothing of it is sure. */
export function mergedMessagesOf({ messageList }: Payload): readonly MergedMessage[] {
  const entries: readonly unknown[] = Array.isArray(messageList) ? messageList : []
  return entries.filter(isFields).flatMap((entry, index) => {
    const body: readonly unknown[] = Array.isArray(entry['messageBody']) ? entry['messageBody'] : []
    const part = body.find(isFields)
    const payload: unknown = part?.['payload']
    if (!isFields(payload)) return []
    const from = textAt(entry, 'from')
    return {
      ID: textAt(entry, 'ID') || String(index),
      from,
      name: textAt(entry, 'nick') || from,
      avatar: textAt(entry, 'avatar'),
      time: Number(entry['time'] ?? 0),
      type: textAt(part ?? {}, 'type'),
      payload,
    }
  })
}

/** What the card of merged messages says: '六年级（2）班的聊天记录', and the first lines. */
export function mergerHeading(
  messages: readonly Message[],
  chatName: string,
  nameOf: (userID: string) => string,
): { readonly title: string; readonly abstractList: string[]; readonly compatibleText: string } {
  const title = language.value === 'zh' ? `${chatName}的聊天记录` : `Chat history of ${chatName}`
  const abstractList = messages
    .slice(0, ABSTRACT_LINES)
    .map((message) => `${nameOf(message.from)}：${abstractOf(message)}`)
  return { title, abstractList, compatibleText: title }
}

function textAt(fields: Readonly<Record<string, unknown>>, key: string): string {
  const value = fields[key]
  return typeof value === 'string' ? value : ''
}

function isFields(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null
}
