import { LIMITS, Refused, utf8Length, type RequestOf } from '@hongyan/protocol'
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
}

/** Who speaks, as his messages show him. */
export interface Speaker {
  readonly nick: string
  readonly avatar: string
}

/** Checks a draft and puts it into stored form. Refuses MESSAGE_TOO_LARGE and MESSAGE_EMPTY. */
export function prepare(draft: Draft, speaker: Speaker): PreparedDraft {
  if (draft.elements.some((element) => element.type === 'text' && element.text === ''))
    throw new Refused('MESSAGE_EMPTY')
  // Field by field: what we do not know is not stored.
  const said = {
    elements: draft.elements,
    ...(draft.customData === undefined ? {} : { customData: draft.customData }),
    ...(draft.priority === undefined ? {} : { priority: draft.priority }),
    ...(draft.needsReceipt === undefined ? {} : { needsReceipt: draft.needsReceipt }),
    ...(draft.uncounted === undefined ? {} : { uncounted: draft.uncounted }),
    ...(draft.notLast === undefined ? {} : { notLast: draft.notLast }),
  }
  const saidJson = JSON.stringify(said)
  if (isTooLong(saidJson)) throw new Refused('MESSAGE_TOO_LARGE')
  return {
    clientMsgId: draft.clientMsgId,
    bodyJson: saidJson.slice(0, -1) + speakerJson(speaker) + '}',
    flags: (draft.uncounted ? FLAG.UNCOUNTED : 0) | (draft.notLast ? FLAG.NOT_LAST : 0),
    // The speaker's name may change between a send and its resend; what was said may not.
    fingerprint: fingerprintOf(draft.conversationId + saidJson),
  }
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
