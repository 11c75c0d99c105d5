import type { Message } from '@hongyan/client-sdk'
import { chat, TYPES } from './chat.ts'
import { isStored } from './thread-window.ts'

/** A piece of a conversation's past, oldest first. */
export interface Page {
  readonly messages: readonly Message[]
  /** Nothing lies further in this direction. */
  readonly isLast: boolean
}

/** Where the reading of a conversation ended before it was opened. */
export interface FirstUnread {
  readonly sequence: number
  readonly count: number
}

/** The newest messages, at least so many where there are so many, and those that failed. */
export async function fetchNewest(conversationID: string, atLeast: number): Promise<Page & { readonly next: string }> {
  let { messages, isLast, next } = await fetchListed(conversationID, '')
  while (!isLast && messages.length < atLeast) {
    const older = await fetchListed(conversationID, next)
    messages = [...older.messages, ...messages]
    isLast = older.isLast
    next = older.next
  }
  return { messages, isLast, next }
}

/** Continues where `fetchNewest` ended. */
export async function fetchListed(conversationID: string, next: string): Promise<Page & { readonly next: string }> {
  const { data } = await chat.getMessageList({ conversationID, ...(next && { nextReqMessageID: next }) })
  return { messages: data.messageList, isLast: data.isCompleted, next: data.nextReqMessageID }
}

/** From anywhere in the past; the message itself is not among them. */
export function fetchOlder({ conversationID, sequence, time }: Message): Promise<Page> {
  return hop({ conversationID, sequence: isGroup(conversationID) ? sequence - 1 : sequence, time, direction: 0 })
}

export function fetchNewer({ conversationID, sequence, time }: Message): Promise<Page> {
  return hop({ conversationID, sequence, time, direction: 1 })
}

/** The message with this number and what stands on both sides of it. */
export async function fetchAround(
  conversationID: string,
  sequence: number,
): Promise<{ readonly older: Page; readonly newer: Page }> {
  const [older, newer] = await Promise.all([
    fetchUpTo(conversationID, sequence),
    hop({ conversationID, sequence, direction: 1 }),
  ])
  return { older, newer }
}

/** The message with this number and what stands before it. */
export function fetchUpTo(conversationID: string, sequence: number): Promise<Page> {
  return hop({ conversationID, sequence: isGroup(conversationID) ? sequence : sequence + 1, direction: 0 })
}

/** Two looks suffice unless the user has written between the unread ones; more than these are not worth the wait. */
const MAX_LOOKS = 5

/**
 * Where the unread messages begin. Only the number of them is known: the place is estimated and looked at. To be asked
 * before they are marked as read. Undefined where nothing is unread, or it was not found.
 */
export async function findFirstUnread(
  newest: Page,
  { count, upTo }: { readonly count: number; readonly upTo: (sequence: number) => Promise<Page> },
): Promise<FirstUnread | undefined> {
  if (count === 0 || !newest.messages.some(isUnread)) return undefined
  const last = newest.messages.findLast(isStored)?.sequence ?? 0
  let page = newest
  for (let look = 0; look < MAX_LOOKS; look++) {
    const oldest = page.messages.find(isStored)
    if (!oldest) break
    const lastRead = page.messages.findLastIndex(isReadByUser)
    const first = page.messages.slice(lastRead + 1).find(isUnread)
    if (first && (lastRead >= 0 || page.isLast)) return { sequence: first.sequence, count }
    // All of it has been read: they begin just behind it.
    if (!first && lastRead >= 0) return { sequence: (page.messages.findLast(isStored) ?? oldest).sequence + 1, count }
    const estimate = look === 0 ? Math.min(oldest.sequence, last - count + 1) : oldest.sequence
    page = await upTo(Math.max(1, estimate))
  }
  const reached = page.messages.find(isUnread)
  return reached && { sequence: reached.sequence, count }
}

/** What others wrote and the user has seen; his own messages say nothing of it. */
function isReadByUser(message: Message): boolean {
  return isStored(message) && message.flow === 'in' && message.isRead
}

function isUnread(message: Message): boolean {
  return isStored(message) && message.flow === 'in' && !message.isRead && !message._isExcludedFromUnreadCount
}

interface Hop {
  readonly conversationID: string
  readonly sequence: number
  readonly time?: number
  readonly direction: 0 | 1
}

async function hop(options: Hop): Promise<Page> {
  const { messageList, isCompleted } = (await chat.getMessageListHopping(options)).data
  return { messages: messageList, isLast: isCompleted }
}

function isGroup(conversationID: string): boolean {
  return conversationID.startsWith(TYPES.CONV_GROUP)
}
