import type { ConversationId } from '@hongyan/protocol'
import { EVENT } from './events.ts'
import type { Telling } from './telling.ts'

/** Where the two sides of a conversation stood when it was last looked at. */
interface Marks {
  readonly readSeq: number
  readonly peerReadSeq: number
}

export const NO_MARKS: Marks = { readSeq: 0, peerReadSeq: 0 }

/**
 * What either side has read shows on the objects the application holds, by whichever way it came to be known: a device
 * that was away too long is told of the conversation only.
 */
export class ReadMarks {
  private readonly chat: Telling
  private readonly marks = new Map<ConversationId, Marks>()

  constructor(chat: Telling) {
    this.chat = chat
  }

  /** The conversation has changed. */
  move(id: ConversationId, conversationID: string): void {
    const { readSeq, peerReadSeq } = this.chat.client.conversation(id) ?? NO_MARKS
    const before = this.marks.get(id) ?? NO_MARKS
    this.marks.set(id, { readSeq, peerReadSeq })
    if (readSeq > before.readSeq) this.read(conversationID, readSeq)
    if (peerReadSeq > before.peerReadSeq) this.readByPeer(conversationID, peerReadSeq)
  }

  /** The peer has read up to there: tells exactly the messages that were unread by him until now. */
  readByPeer(conversationID: string, seq: number): void {
    const { messages, emitter } = this.chat
    const read = messages
      .sent(conversationID)
      .filter(({ flow, isPeerRead, sequence }) => flow === 'out' && !isPeerRead && sequence <= seq)
    for (const message of read) message.isPeerRead = true
    if (read.length > 0) emitter.emit(EVENT.MESSAGE_READ_BY_PEER, read)
  }

  forget(id: ConversationId): void {
    this.marks.delete(id)
  }

  clear(): void {
    this.marks.clear()
  }

  private read(conversationID: string, readSeq: number): void {
    for (const message of this.chat.messages.sent(conversationID)) {
      if (message.flow === 'in' && message.sequence <= readSeq) message.isRead = true
    }
  }
}
