import type { ConversationId, Group } from '@hongyan/protocol'
import type { Self } from '../core/client-api.ts'
import { toTimConversationID } from './mapping/ids.ts'
import { completeWithGroup } from './mapping/late-group.ts'
import type { Telling } from './telling.ts'

/** Groups of which messages were told before their state had come: it completes the objects that were told. */
export class LateGroups {
  private readonly chat: Telling
  private readonly awaited = new Set<ConversationId>()

  constructor(chat: Telling) {
    this.chat = chat
  }

  /** Messages of this group were told. */
  note(id: ConversationId): void {
    if (!this.groupOf(id)) this.awaited.add(id)
  }

  /** The conversation has changed: its state may have come. */
  complete(id: ConversationId, self: Self): void {
    const group = this.awaited.has(id) ? this.groupOf(id) : undefined
    if (!group) return
    this.awaited.delete(id)
    for (const message of this.chat.messages.list(toTimConversationID(id, self.userId)))
      completeWithGroup(message, group)
  }

  forget(id: ConversationId): void {
    this.awaited.delete(id)
  }

  clear(): void {
    this.awaited.clear()
  }

  /** The group of a conversation, once its state has come. */
  private groupOf(id: ConversationId): Group | undefined {
    const about = this.chat.client.conversation(id)?.about
    return about?.type === 'group' && about.group.createdAtMs > 0 ? about.group : undefined
  }
}
