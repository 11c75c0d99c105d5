import type { Message } from '@hongyan/client-sdk'
import { TYPES } from '../../im/chat.ts'
import { founderIn } from './group-created.ts'

/** One line of the thread. */
export type Row =
  | { readonly kind: 'time'; readonly key: string; readonly time: number }
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'note'; readonly key: string; readonly message: Message }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly message: Message
      /** The first of several that one person wrote in one go: it has the face and the name. */
      readonly isHead: boolean
    }

/** Seconds of silence after which the time is said again. */
const SILENCE_SECONDS = 15 * 60
/** Seconds within which messages of one person stand together. */
const TOGETHER_SECONDS = 5 * 60

interface Options {
  /** The oldest one is not drawn then: what stands above it decides how it looks. */
  readonly hasOlder: boolean
  /** In the server's order; where what is new begins. */
  readonly firstUnread: number | undefined
}

/** What is drawn of these messages, oldest first. */
export function rowsOf(messages: readonly Message[], { hasOlder, firstUnread }: Options): readonly Row[] {
  const rows: Row[] = []
  let isUnreadSaid = firstUnread === undefined
  for (const [index, message] of messages.entries()) {
    const before = messages[index - 1]
    if (hasOlder && before === undefined) {
      // What is new began further back.
      isUnreadSaid ||= message.status === 'success' && message.sequence >= (firstUnread ?? Infinity)
      continue
    }
    const isFirstUnread = !isUnreadSaid && message.status === 'success' && message.sequence >= (firstUnread ?? Infinity)
    isUnreadSaid ||= isFirstUnread
    const isTimeSaid = before === undefined || isApart(before, message)
    if (isTimeSaid) rows.push({ kind: 'time', key: `time ${message.ID}`, time: message.time })
    if (isFirstUnread) rows.push({ kind: 'unread', key: 'unread' })
    if (isNote(message)) rows.push({ kind: 'note', key: message.ID, message })
    else {
      const isHead = isTimeSaid || isFirstUnread || !isTogether(before, message)
      rows.push({ kind: 'message', key: message.ID, message, isHead })
    }
  }
  return rows
}

/** Nobody speaks in it: tips, and what was taken back. */
export function isNote(message: Message): boolean {
  return message.isRevoked || message.type === TYPES.MSG_GRP_TIP || founderIn(message) !== undefined
}

function isApart(before: Message, message: Message): boolean {
  return message.time - before.time >= SILENCE_SECONDS || dayOf(before.time) !== dayOf(message.time)
}

function isTogether(before: Message, message: Message): boolean {
  return !isNote(before) && before.from === message.from && message.time - before.time < TOGETHER_SECONDS
}

function dayOf(time: number): string {
  return new Date(time * 1000).toDateString()
}
