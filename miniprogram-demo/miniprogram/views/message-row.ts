import { TYPES, type Message } from '../im/sdk'
import type { Words } from '../text/zh'
import { bodyOf, type Body } from './message-body'
import { founderIn } from './custom-text'
import { faceOf, type Face } from './face'
import { quoteIn, type Quote } from './quote'
import { receiptOf, type Receipt } from './receipt-label'
import { isAfterSilence, separatorTime } from './time-label'
import { tipText } from './tip-text'

interface RowBase {
  readonly id: string
  /** What `scroll-into-view` takes: begins with a letter. */
  readonly anchor: string
  /** The line of time above; empty for none. */
  readonly time: string
  readonly seconds: number
}

/** A line in the middle: what happened, or that a message was taken back. */
export interface TipRow extends RowBase {
  readonly kind: 'tip'
  readonly text: string
  readonly canReedit: boolean
}

export interface BubbleRow extends RowBase {
  readonly kind: 'bubble'
  readonly isMine: boolean
  readonly from: string
  /** Above the bubble, in groups, for others. */
  readonly name: string
  readonly face: Face
  readonly body: Body
  readonly quote: Quote | null
  readonly status: 'sending' | 'sent' | 'failed'
  /** Of an upload, 0 to 100; 100 when nothing is uploaded. */
  readonly percent: number
  readonly receipt: Receipt
}

export type Row = TipRow | BubbleRow

/** What a row needs to know besides its message. */
export interface RowContext {
  readonly me: string
  readonly words: Words
  readonly nowMs: number
  readonly isGroup: boolean
  readonly isHeard: (id: string) => boolean
  readonly percentOf: (id: string) => number
  /** Somebody's name as other messages tell it; empty when none does. */
  readonly nameOf: (userID: string) => string
}

/** How long an own text that was taken back can be edited again. */
const REEDIT_SECONDS = 300

/** The row of a message that stands below one of `previousSeconds` (0: it is the first). */
export function rowOf(message: Message, previousSeconds: number, context: RowContext): Row {
  const { words, nowMs } = context
  const base = {
    id: message.ID,
    anchor: anchorOf(message.ID),
    time: isAfterSilence(previousSeconds, message.time) ? separatorTime(message.time, nowMs, words) : '',
    seconds: message.time,
  }
  const tip = tipOf(message, context)
  if (tip !== undefined) return { ...base, kind: 'tip', text: tip, canReedit: canReedit(message, nowMs) }
  const isMine = message.flow === 'out'
  const name = senderName(message)
  return {
    ...base,
    kind: 'bubble',
    isMine,
    from: message.from,
    name: context.isGroup && !isMine ? name : '',
    face: faceOf(message.from, name, message.avatar),
    body: bodyOf(message, context),
    quote: quoteIn(message.cloudCustomData),
    status: message.status === 'success' ? 'sent' : message.status === 'fail' ? 'failed' : 'sending',
    percent: message.status === 'unSend' ? context.percentOf(message.ID) : 100,
    receipt: receiptOf(message, context.isGroup, words),
  }
}

export function anchorOf(id: string): string {
  return `m${id.replace(/[^\w-]/g, '_')}`
}

/** As others see the sender here. */
export function senderName({ nameCard, nick, from }: Pick<Message, 'nameCard' | 'nick' | 'from'>): string {
  return nameCard || nick || from
}

/** What is no bubble, in words. */
function tipOf(message: Message, { me, words, nameOf }: RowContext): string | undefined {
  if (message.isRevoked) {
    const revoker = message.revoker || message.from
    if (revoker === me) return words.says.revokedMine
    // What was taken back comes from history without its sender's name.
    const name = message.revokerInfo.nick || nameOf(revoker)
    return name === '' ? words.says.revokedBySomebody : words.says.revokedBy(name)
  }
  if (message.type === TYPES.MSG_GRP_TIP) return tipText(message.payload, me, words)
  const founder = message.type === TYPES.MSG_CUSTOM ? founderIn(message.payload) : undefined
  return founder === undefined ? undefined : words.says.created(founder)
}

function canReedit(message: Message, nowMs: number): boolean {
  const { isRevoked, flow, type, payload, time } = message
  const hasText = type === TYPES.MSG_TEXT && typeof payload.text === 'string' && payload.text !== ''
  return isRevoked && flow === 'out' && hasText && nowMs / 1000 - time < REEDIT_SECONDS
}
