import type { ConversationId, Seq } from '@hongyan/protocol'
import type { Client, Conversation as OurConversation } from '../core/client-api.ts'
import {
  compareConversations,
  toTimConversation,
  updateConversation,
  type Conversation,
} from './mapping/conversation.ts'

/** The application's conversation objects, kept in step with the client's. */
export class ConversationList {
  private readonly client: Client
  private readonly objects = new Map<ConversationId, Conversation>()
  /** Removed by the user before anything was in them: the server knows nothing to hide. */
  private readonly removedEmpty = new Set<ConversationId>()
  /** Opened again after the user had removed them, with the number up to which they were removed. */
  private readonly reopened = new Map<ConversationId, Seq>()
  /** Opened last: stands after the pinned ones until another one moves (tim-semantics §3.5). */
  private openedLast: ConversationId | undefined

  constructor(client: Client) {
    this.client = client
  }

  /** All of them, in the order they are shown. */
  all(): Conversation[] {
    const sorted = this.shown().sort(compareConversations)
    const { openedLast } = this
    const opened = sorted.filter((ours) => ours.conversationId === openedLast && ours.pinnedAtMs === undefined)
    const others = sorted.filter((ours) => !opened.includes(ours))
    const pinned = others.filter((ours) => ours.pinnedAtMs !== undefined)
    const unpinned = others.slice(pinned.length)
    return [...pinned, ...opened, ...unpinned].flatMap((ours) => this.objectOf(ours) ?? [])
  }

  get(id: ConversationId): Conversation | undefined {
    const ours = this.client.conversation(id)
    return ours && this.isShown(ours) ? this.objectOf(ours) : undefined
  }

  /** The user wants to see it, whatever is in it. To be called before it is fetched, so that the event finds it. */
  open(id: ConversationId): void {
    this.removedEmpty.delete(id)
    this.reopened.set(id, this.client.conversation(id)?.hiddenSeq ?? 0)
    this.openedLast = id
  }

  /** These have changed: from now on the order is the usual one. */
  note(ids: readonly ConversationId[]): void {
    if (ids.some((id) => id !== this.openedLast)) this.openedLast = undefined
  }

  /** The user has removed these. */
  remove(ids: readonly ConversationId[]): void {
    for (const id of ids) {
      this.objects.delete(id)
      this.reopened.delete(id)
      if (this.client.conversation(id)?.lastSeq === 0) this.removedEmpty.add(id)
    }
  }

  /** Messages that wait, over all conversations that count (tim-semantics §4.3). */
  totalUnread(): number {
    return this.shown().reduce((total, { unread }) => total + unread, 0)
  }

  clear(): void {
    this.objects.clear()
    this.removedEmpty.clear()
    this.reopened.clear()
    this.openedLast = undefined
  }

  private shown(): OurConversation[] {
    const hidden = [...this.reopened.keys()].flatMap((id) => this.client.conversation(id) ?? [])
    const reopened = hidden.filter((ours) => !ours.isVisible && this.isShown(ours))
    return [...this.client.conversations().filter((ours) => this.isShown(ours)), ...reopened]
  }

  private isShown({ conversationId, isVisible, lastSeq, hiddenSeq }: OurConversation): boolean {
    if (!isVisible) return this.reopened.get(conversationId) === hiddenSeq
    return lastSeq > 0 || !this.removedEmpty.has(conversationId)
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
