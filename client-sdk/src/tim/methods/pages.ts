import type { Message as WireMessage } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { toConversationId } from '../mapping/ids.ts'
import { refreshMessage, toTimMessage, type Message } from '../mapping/message.ts'

const PAGE = 15
const NO_MARKS = { readSeq: 0, peerReadSeq: 0 }

/** The same object for a message the application has already. */
export function objectsOf(
  chat: Chat,
  conversationID: string,
  wires: readonly WireMessage[],
  kept: readonly Message[] = [],
): Message[] {
  const self = chat.self()
  const marks = chat.client.conversation(toConversationId(conversationID, self.userId)) ?? NO_MARKS
  const byID = new Map(kept.map((message) => [message.ID, message]))
  return wires.map((wire) => {
    const known = byID.get(wire.id) ?? chat.messages.find(wire.id)
    if (!known) return toTimMessage(wire, self, marks)
    refreshMessage(known, wire, marks)
    return known
  })
}

/** What is asked for, at most a page (tim-semantics §4.5). */
export function pageSize(count: number | undefined): number {
  return count === undefined || !(count >= 1 && count <= PAGE) ? PAGE : Math.floor(count)
}
