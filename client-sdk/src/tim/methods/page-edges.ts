import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { isGroupID } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'

/** Beyond these the longest unused are forgotten; their messages may still be kept. */
const MAX_EDGES = 200

/** Where pages ended: what `nextReqMessageID` means, whether or not the message itself is still there. */
export class PageEdges {
  private readonly chat: Chat
  private readonly sequences = new Map<string, number>()

  constructor(chat: Chat) {
    this.chat = chat
  }

  remember({ ID, conversationID, sequence }: Message): void {
    this.sequences.set(`${conversationID} ${ID}`, sequence)
    for (const oldest of this.sequences.keys()) {
      if (this.sequences.size <= MAX_EDGES) return
      this.sequences.delete(oldest)
    }
  }

  /** In a group the number of the next message to come, as a text; elsewhere the ID of the page's oldest. */
  nameOf({ ID, conversationID, sequence }: Message): string {
    return isGroupID(conversationID) ? String(sequence - 1) : ID
  }

  /** From a message's ID, or from the decimal number that TIM gives for groups; undefined for the newest page. */
  sequenceOf(conversationID: string, nextReqMessageID: string): number | undefined {
    if (nextReqMessageID === '') return undefined
    const edge = this.sequences.get(`${conversationID} ${nextReqMessageID}`)
    if (edge !== undefined) return edge
    const message = this.chat.messages.find(nextReqMessageID)
    if (message?.conversationID === conversationID && message.status === 'success') return message.sequence
    // Of a group the number belongs to the page, elsewhere it is the one after it.
    if (/^\d+$/.test(nextReqMessageID)) return Number(nextReqMessageID) + (isGroupID(conversationID) ? 1 : 0)
    // Starting afresh would have an application page in circles.
    throw timError(20001, 'nextReqMessageID')
  }
}
