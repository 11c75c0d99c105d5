import type { Element } from '@hongyan/protocol'
import { LIMITS, utf8Length } from '@hongyan/protocol/constants'
import { TYPES } from '../types.ts'
import { fileIdsOf, isFileId, isFileType, toFileElement, toTimFileElement } from './file-element.ts'
import { isPayload, numberAt, textAt, type Payload, type TimElement, type UrlOf } from './payload.ts'

export type MergerElement = Extract<Element, { type: 'merger' }>

/** A message of a merged list (tim-semantics §3.2). */
export interface MergerEntry {
  ID: string
  from: string
  nick: string
  avatar: string
  time: number
  clientTime: number
  messageSequence: number
  messageRandom: number
  messageSender: string
  receiverUserID?: string
  receiverGroupID?: string
  cloudCustomData: string
  messageBody: { type: string; payload: Payload }[]
}

/** Lists in lists in lists: deeper ones are left out. */
const MAX_LAYERS = 10

/** TIM's element: the list itself, or the key of the file that holds it. The addresses in it are the reader's own. */
export function toTimMergerElement(element: MergerElement, urlOf: UrlOf): TimElement {
  const { title, abstracts, compatibleText, list, fileIds } = element
  const content = {
    title,
    abstractList: [...abstracts],
    compatibleText,
    messageList: 'json' in list ? (parseEntries(list.json, urlOf) ?? []) : [],
    downloadKey: 'fileId' in list ? list.fileId : '',
    // Nobody but us reads it: the list's file and those it shows must be named again when it is handed on.
    pbDownloadKey: 'fileId' in list ? [list.fileId, ...fileIds].join(',') : '',
    version: 1,
    layersOverLimit: false,
  }
  return { type: TYPES.MSG_MERGER, content }
}

/** The element as it goes over the wire, which it may be too long for: see isTooLong. */
export function toMergerElement(content: Payload): MergerElement {
  const { abstractList } = content
  const abstracts: readonly unknown[] = Array.isArray(abstractList) ? abstractList : []
  const stated = {
    type: 'merger' as const,
    title: textAt(content, 'title'),
    abstracts: abstracts.filter(isString).slice(0, LIMITS.mergerAbstracts),
    compatibleText: textAt(content, 'compatibleText'),
  }
  const [fileId, ...shown] = storedFiles(content)
  if (fileId !== undefined) return { ...stated, list: { fileId }, fileIds: shown }
  // Without addresses: they open files by the right of whoever made the list.
  const entries = listOf(content).map((entry) => cleanEntry(entry, () => '', MAX_LAYERS))
  const fileIds = [...new Set(filesOfList(entries, MAX_LAYERS))]
  return { ...stated, list: { json: JSON.stringify(entries) }, fileIds }
}

/** The list is in a file now. */
export function setStoredList(content: Payload, fileId: string, shown: readonly string[]): void {
  content['messageList'] = []
  content['downloadKey'] = fileId
  content['pbDownloadKey'] = [fileId, ...shown].join(',')
}

export function isTooLong(element: MergerElement): boolean {
  return utf8Length(JSON.stringify(element)) > LIMITS.mergerInlineBytes
}

/** The entries of a list that came over the wire; undefined for what is none. */
export function parseEntries(json: string, urlOf: UrlOf): MergerEntry[] | undefined {
  try {
    const list: unknown = JSON.parse(json)
    return Array.isArray(list) ? list.filter(isPayload).map((entry) => cleanEntry(entry, urlOf, MAX_LAYERS)) : undefined
  } catch {
    return undefined
  }
}

/** The same payload with addresses of this reader's. */
function withUrls(type: string, content: Payload, urlOf: UrlOf, layers: number): Payload {
  if (type === TYPES.MSG_MERGER) {
    const [downloadKey] = storedFiles(content)
    // It was fetched by whoever merges it; the next reader can do so, too.
    if (downloadKey !== undefined) return { ...content, messageList: [], downloadKey }
    const messageList = layers > 0 ? listOf(content).map((entry) => cleanEntry(entry, urlOf, layers - 1)) : []
    return { ...content, messageList }
  }
  if (!isFileType(type)) return content
  try {
    return toTimFileElement(toFileElement({ type, content }), urlOf).content
  } catch {
    // It names no file of ours: its addresses, wherever they lead, are all there is.
    return content
  }
}

/** Another client made it: nothing of it is sure. */
function cleanEntry(entry: Payload, urlOf: UrlOf, layers: number): MergerEntry {
  const receiverUserID = textAt(entry, 'receiverUserID')
  const receiverGroupID = textAt(entry, 'receiverGroupID')
  return {
    ID: textAt(entry, 'ID'),
    from: textAt(entry, 'from'),
    nick: textAt(entry, 'nick'),
    avatar: textAt(entry, 'avatar'),
    time: numberAt(entry, 'time'),
    clientTime: numberAt(entry, 'clientTime'),
    messageSequence: numberAt(entry, 'messageSequence'),
    messageRandom: numberAt(entry, 'messageRandom'),
    messageSender: textAt(entry, 'messageSender'),
    ...(receiverUserID === '' ? {} : { receiverUserID }),
    ...(receiverGroupID === '' ? {} : { receiverGroupID }),
    cloudCustomData: textAt(entry, 'cloudCustomData'),
    messageBody: bodyOf(entry).map(({ type, payload }) => ({ type, payload: withUrls(type, payload, urlOf, layers) })),
  }
}

function* filesOfList(entries: readonly object[], layers: number): Generator<string> {
  for (const entry of entries) {
    for (const { type, payload } of bodyOf(entry)) {
      if (isFileType(type)) yield* fileIdsOf(payload)
      if (type !== TYPES.MSG_MERGER) continue
      yield* storedFiles(payload)
      if (layers > 0) yield* filesOfList(listOf(payload), layers - 1)
    }
  }
}

/** The file of a list that is stored aside, then those it shows; nothing for a list that is not. */
function storedFiles(content: Payload): string[] {
  const named = textAt(content, 'pbDownloadKey').split(',').filter(isFileId)
  const key = textAt(content, 'downloadKey')
  return named.length === 0 && isFileId(key) ? [key] : named
}

function listOf({ messageList }: Payload): Payload[] {
  return Array.isArray(messageList) ? messageList.filter(isPayload) : []
}

function bodyOf(entry: object): { type: string; payload: Payload }[] {
  const list: unknown = 'messageBody' in entry ? entry.messageBody : undefined
  const body: readonly unknown[] = Array.isArray(list) ? list : []
  return body.filter(isPayload).flatMap((part) => {
    const { payload } = part
    return isPayload(payload) ? [{ type: textAt(part, 'type'), payload }] : []
  })
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}
