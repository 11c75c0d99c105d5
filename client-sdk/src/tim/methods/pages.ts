import type { Message as WireMessage } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { toTimMessageID } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'

const PAGE = 15

/** The same object for a message the application has already. */
export function objectsOf(chat: Chat, wires: readonly WireMessage[], kept: readonly Message[] = []): Message[] {
  const byID = new Map(kept.map((message) => [message.ID, message]))
  return wires.map((wire) => {
    const ID = toTimMessageID(wire.id, wire.senderId)
    return chat.messageOf(wire, byID.get(ID) ?? chat.messages.find(ID))
  })
}

/** What is asked for of a longer list, at most this many; that many where it is no number. */
export function someOf(count: unknown, most: number): number {
  return typeof count === 'number' && count >= 1 ? Math.min(most, Math.floor(count)) : most
}

/** What is asked for, at most a page (tim-semantics §4.5). */
export function pageSize(count: number | undefined): number {
  return count === undefined || !(count >= 1 && count <= PAGE) ? PAGE : Math.floor(count)
}
