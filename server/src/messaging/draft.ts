import { LIMITS, parseConversationId, Refused, utf8Length, type RequestOf, type UserId } from '@hongyan/protocol'
import { FLAG } from '../timelines/message-row.ts'

/** What a sender hands over. */
export type Draft = RequestOf<'message.send'>

/** A draft in the form in which it is stored. */
export interface PreparedDraft {
  readonly clientMsgId: string
  /** The message's own fields as JSON, without what the server adds. */
  readonly bodyJson: string
  readonly flags: number
  readonly fingerprint: number
  /** The members it is for; undefined for everybody. */
  readonly receiverIds: readonly UserId[] | undefined
  /** Files that it shows. */
  readonly fileIds: readonly string[]
}

/** Who speaks, as his messages show him. */
export interface Speaker {
  readonly nick: string
  readonly avatar: string
}

/** Checks a draft and puts it into stored form. Refuses MESSAGE_TOO_LARGE, MESSAGE_EMPTY and what is only for groups. */
export function prepare(draft: Draft, speaker: Speaker): PreparedDraft {
  assertContent(draft)
  const isForGroups = draft.mentions !== undefined || draft.receiverIds !== undefined
  if (isForGroups && parseConversationId(draft.conversationId)?.type !== 'group') throw new Refused('BAD_REQUEST')
  // What is for some alone calls nobody (TIM), and nobody counts it.
  const isTargeted = draft.receiverIds !== undefined
  const mentions = isTargeted ? undefined : draft.mentions
  const isUncounted = isTargeted || draft.uncounted === true
  // Field by field: what we do not know is not stored.
  const said = {
    elements: draft.elements,
    ...(draft.customData === undefined ? {} : { customData: draft.customData }),
    ...(draft.priority === undefined ? {} : { priority: draft.priority }),
    ...(draft.needsReceipt === undefined ? {} : { needsReceipt: draft.needsReceipt }),
    ...(isUncounted ? { uncounted: true } : {}),
    ...(draft.notLast === undefined ? {} : { notLast: draft.notLast }),
    ...(draft.extensible === undefined ? {} : { extensible: draft.extensible }),
    ...(mentions === undefined ? {} : { mentions }),
    ...(draft.receiverIds === undefined ? {} : { receiverIds: draft.receiverIds }),
  }
  const saidJson = JSON.stringify(said)
  if (isTooLong(saidJson)) throw new Refused('MESSAGE_TOO_LARGE')
  return {
    clientMsgId: draft.clientMsgId,
    bodyJson: saidJson.slice(0, -1) + speakerJson(speaker) + '}',
    flags:
      (isUncounted ? FLAG.UNCOUNTED : 0) |
      (draft.notLast ? FLAG.NOT_LAST : 0) |
      (draft.needsReceipt ? FLAG.WANTS_RECEIPTS : 0) |
      (mentions && (mentions.all || mentions.userIds.length > 0) ? FLAG.MENTIONS : 0),
    // The speaker's name may change between a send and its resend; what was said may not.
    fingerprint: fingerprintOf(draft.conversationId + saidJson),
    receiverIds: draft.receiverIds,
    fileIds: filesOf(draft.elements),
  }
}

/** What a changed message says now, in stored form. Refuses as `prepare` does. */
export function prepareContent(content: Pick<Draft, 'elements' | 'customData'>): {
  readonly json: string
  readonly fileIds: readonly string[]
} {
  assertContent(content)
  const { elements, customData } = content
  const json = JSON.stringify({ elements, ...(customData === undefined ? {} : { customData }) })
  if (isTooLong(json)) throw new Refused('MESSAGE_TOO_LARGE')
  return { json, fileIds: filesOf(elements) }
}

function assertContent({ elements }: Pick<Draft, 'elements'>): void {
  if (elements.some((element) => element.type === 'text' && element.text === '')) throw new Refused('MESSAGE_EMPTY')
}

/** Every file that whoever reads these elements may open. */
export function filesOf(elements: Draft['elements']): readonly string[] {
  const ids = elements.flatMap((element): readonly string[] => {
    switch (element.type) {
      case 'image':
      case 'audio':
      case 'file':
        return [element.fileId]
      case 'video':
        return element.cover ? [element.fileId, element.cover.fileId] : [element.fileId]
      case 'merger':
        return 'fileId' in element.list ? [element.list.fileId, ...element.fileIds] : element.fileIds
      default:
        return []
    }
  })
  return [...new Set(ids)]
}

const MAX_BYTES_PER_UNIT = 3

/** Counts only what could be too long at all. */
function isTooLong(json: string): boolean {
  return json.length * MAX_BYTES_PER_UNIT > LIMITS.messageBytes && utf8Length(json) > LIMITS.messageBytes
}

function speakerJson({ nick, avatar }: Speaker): string {
  const nickJson = nick === '' ? '' : `,"senderNick":${JSON.stringify(nick)}`
  return avatar === '' ? nickJson : `${nickJson},"senderAvatar":${JSON.stringify(avatar)}`
}

/** A 53-bit hash (two 32-bit multiplicative hashes): only to notice that an id was used twice, not to resist anybody. */
export function fingerprintOf(text: string): number {
  let low = 0xdeadbeef
  let high = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    low = Math.imul(low ^ unit, 2654435761)
    high = Math.imul(high ^ unit, 1597334677)
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  return 4294967296 * (2097151 & high) + (low >>> 0)
}
