import type { ConversationId } from '@hongyan/protocol'
import type { Client, Conversation as OurConversation } from '../core/client-api.ts'
import {
  compareConversations,
  toTimConversation,
  updateConversation,
  type Conversation,
} from './mapping/conversation.ts'
import { TYPES } from './types.ts'

/** The application's conversation objects, kept in step with the client's. */
export class ConversationList {
  private readonly client: Client
  private readonly objects = new Map<ConversationId, Conversation>()
  /** Removed by the user before anything was in them: the server knows nothing to hide. */
  private readonly removedEmpty = new Set<ConversationId>()

  constructor(client: Client) {
    this.client = client
  }

  /** All of them, in the order they are shown. */
  all(): Conversation[] {
    return this.client
      .conversations()
      .filter((ours) => !this.isRemoved(ours))
      .sort(compareConversations)
      .flatMap((ours) => this.objectOf(ours) ?? [])
  }

  get(id: ConversationId): Conversation | undefined {
    const ours = this.client.conversation(id)
    return ours && ours.isVisible && !this.isRemoved(ours) ? this.objectOf(ours) : undefined
  }

  /** The user opened it again. */
  show(id: ConversationId): void {
    this.removedEmpty.delete(id)
  }

  remove(ids: readonly ConversationId[]): void {
    for (const id of ids) {
      this.objects.delete(id)
      if ((this.client.conversation(id)?.lastSeq ?? 0) === 0) this.removedEmpty.add(id)
    }
  }

  /** Messages that wait, over all conversations that count (tim-semantics §4.3). */
  totalUnread(): number {
    return this.all()
      .filter(
        ({ messageRemindType }) => messageRemindType === '' || messageRemindType === TYPES.MSG_REMIND_ACPT_AND_NOTE,
      )
      .reduce((total, { unreadCount }) => total + unreadCount, 0)
  }

  clear(): void {
    this.objects.clear()
    this.removedEmpty.clear()
  }

  private isRemoved(ours: OurConversation): boolean {
    return ours.lastSeq === 0 && this.removedEmpty.has(ours.conversationId)
  }

  private objectOf(ours: OurConversation): Conversation | undefined {
    const { self } = this.client
    if (!self) return undefined
    const known = this.objects.get(ours.conversationId)
    if (known) {
      updateConversation(known, ours, self)
      return known
    }
    const created = toTimConversation(ours, self)
    this.objects.set(ours.conversationId, created)
    return created
  }
}
