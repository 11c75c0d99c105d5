import type { ConversationId, EntryOf } from '@hongyan/protocol'
import type { Annotation, Self } from '../core/client-api.ts'
import { EVENT } from './events.ts'
import { partyOf, toTimConversationID } from './mapping/ids.ts'
import { toTimPerson } from './mapping/person.ts'
import type { Reaction } from './mapping/reaction.ts'
import type { Telling } from './telling.ts'

/** Reactions of the user's own that are remembered. */
const MAX_OWN = 2_000

/** Tells what was put beside a message, or beside a group. */
export class AnnotationTeller {
  private readonly chat: Telling
  /** `<message id> <reaction>`: the user's own, where an entry names too few of those who reacted. */
  private readonly own = new Set<string>()

  constructor(chat: Telling) {
    this.chat = chat
  }

  tell(conversationId: ConversationId, annotation: Annotation, self: Self): void {
    const conversationID = toTimConversationID(conversationId, self.userId)
    switch (annotation.kind) {
      case 'reaction':
        return this.tellReaction(annotation, self)
      case 'extensions':
        return this.tellExtensions(annotation)
      case 'message-pinned':
        return this.tellPinned(conversationId, conversationID, annotation)
      case 'attributes':
        return this.tellAttributes(partyOf(conversationID), annotation)
      case 'counters':
        return this.tellCounters(partyOf(conversationID), annotation)
    }
  }

  /** The user has this reaction on the message, or has not. */
  noteOwn(messageID: string, reactionID: string, isMine: boolean): void {
    const key = `${messageID} ${reactionID}`
    this.own.delete(key)
    if (isMine) this.own.add(key)
    for (const oldest of this.own) {
      if (this.own.size <= MAX_OWN) return
      this.own.delete(oldest)
    }
  }

  clear(): void {
    this.own.clear()
  }

  private tellReaction({ messageId, reactionId, userId, added, total, users }: EntryOf<'reaction'>, self: Self): void {
    if (userId === self.userId) this.noteOwn(messageId, reactionId, added)
    // Everybody is named, so it is known for sure.
    const isNamed = users.some((user) => user.userId === self.userId)
    if (isNamed || users.length >= total) this.noteOwn(messageId, reactionId, isNamed)
    const reaction: Reaction = {
      reactionID: reactionId,
      totalUserCount: total,
      partialUserList: users.map(toTimPerson),
      reactedByMyself: this.own.has(`${messageId} ${reactionId}`),
    }
    this.chat.emitter.emit(EVENT.MESSAGE_REACTIONS_UPDATED, { messageID: messageId, reactionList: [reaction] })
  }

  private tellExtensions({ messageId: messageID, set, deleted }: EntryOf<'extensions'>): void {
    const { emitter } = this.chat
    if (set.length > 0) emitter.emit(EVENT.MESSAGE_EXTENSIONS_UPDATED, { messageID, extensions: set })
    if (deleted.length > 0) emitter.emit(EVENT.MESSAGE_EXTENSIONS_DELETED, { messageID, keyList: deleted })
  }

  /** With the message itself, which is fetched where it is not kept. */
  private tellPinned(
    conversationId: ConversationId,
    conversationID: string,
    { seq, pinned, by }: EntryOf<'message-pinned'>,
  ): void {
    const { chat } = this
    const emit = (message: object | undefined): void => {
      if (!message) return
      const data = { groupID: partyOf(conversationID), message, isPinned: pinned, operatorInfo: toTimPerson(by) }
      chat.emitter.emit(EVENT.PINNED_GROUP_MESSAGE_UPDATED, data)
    }
    const kept = chat.messages.withSequence(conversationID, seq)
    if (kept) emit(kept)
    else chat.inBackground(chat.messageAt(conversationId, seq).then(emit))
  }

  /** With all attributes, which are fetched where they are not known. */
  private tellAttributes(groupID: string, { set, deleted }: EntryOf<'attributes'>): void {
    const { chat } = this
    const emit = (groupAttributes: object): void => {
      const data = { groupID, groupAttributes, updatedKeyList: Object.keys(set), deletedKeyList: deleted }
      chat.emitter.emit(EVENT.GROUP_ATTRIBUTES_UPDATED, data)
    }
    const known = chat.attributes.apply(groupID, set, deleted)
    if (known) emit(known)
    else chat.inBackground(chat.attributes.fetch(groupID).then(emit))
  }

  private tellCounters(groupID: string, { counters }: EntryOf<'counters'>): void {
    for (const [key, value] of Object.entries(counters))
      this.chat.emitter.emit(EVENT.GROUP_COUNTER_UPDATED, { groupID, key, value })
  }
}
