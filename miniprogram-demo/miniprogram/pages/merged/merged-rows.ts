import { isObject, listAt, numberAt, textAt } from '../../views/fields'
import { faceOf } from '../../views/face'
import { bodyOf } from '../../views/message-body'
import { anchorOf, type BubbleRow } from '../../views/message-row'
import { quoteIn } from '../../views/quote'
import { separatorTime } from '../../views/time-label'
import type { Payload } from '../../im/sdk'
import type { Words } from '../../text/zh'

/** One message of a merged one. */
export interface Entry {
  readonly row: BubbleRow
  readonly type: string
  readonly payload: Payload
}

const NO_RECEIPT = { text: '', isRead: false, hasNames: false }

/** The messages in a merged one, as rows; what others' clients have written wrongly is left out. */
export function entriesOf(payload: unknown, nowMs: number, words: Words): readonly Entry[] {
  return listAt(payload, 'messageList').flatMap((entry, index) => {
    const body = listAt(entry, 'messageBody')[0]
    const content = isObject(body) ? body['payload'] : undefined
    if (!isObject(content)) return []
    return [entryOf(entry, textAt(body, 'type'), content, { id: `${index}`, nowMs, words })]
  })
}

interface About {
  readonly id: string
  readonly nowMs: number
  readonly words: Words
}

function entryOf(entry: unknown, type: string, payload: Payload, { id, nowMs, words }: About): Entry {
  const from = textAt(entry, 'from')
  const name = textAt(entry, 'nameCard') || textAt(entry, 'nick') || from
  const seconds = numberAt(entry, 'time') || numberAt(entry, 'clientTime')
  const row: BubbleRow = {
    id,
    anchor: anchorOf(id),
    time: '',
    seconds,
    kind: 'bubble',
    isMine: false,
    from,
    name: `${name} ${separatorTime(seconds, nowMs, words)}`,
    face: faceOf(from, name, textAt(entry, 'avatar')),
    body: bodyOf({ ID: id, type, payload }, { words, isHeard: () => true }),
    quote: quoteIn(textAt(entry, 'cloudCustomData')),
    status: 'sent',
    percent: 100,
    receipt: NO_RECEIPT,
  }
  return { row, type, payload }
}
