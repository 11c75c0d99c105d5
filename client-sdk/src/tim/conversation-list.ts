import type { ConversationId, Seq } from '@hongyan/protocol'
import type { Client, Conversation as OurConversation } from '../core/client-api.ts'
import type { GroupList } from './group-list.ts'
import {
  compareConversations,
  countsInTotal,
  toTimConversation,
  unreadCountOf,
  updateConversation,
  type Conversation,
  type ConversationView,
} from './mapping/conversation.ts'

/** The application's conversation objects, kept in step with the client's. */
export class ConversationList {
  private readonly client: Client
  private readonly groups: GroupList
  private readonly objects = new Map<ConversationId, Conversation>()
  /** Removed by the user up to this number where the server knows nothing to hide: they were empty, or are live rooms. */
  private readonly removedHere = new Map<ConversationId, Seq>()
  /** Opened again after the user had removed them, with the number up to which they were removed. */
  private readonly reopened = new Map<ConversationId, Seq>()
  /** Of groups the user is no longer in: they stay until he removes them, or until the next login (tim-semantics §4.8). */
  private readonly left = new Map<ConversationId, OurConversation>()
  /** Opened last: stands after the pinned ones until another one moves (tim-semantics §3.5). */
  private openedLast: ConversationId | undefined

  constructor(client: Client, groups: GroupList) {
    this.client = client
    this.groups = groups
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
    const ours = this.client.conversation(id) ?? this.left.get(id)
    return ours && this.isShown(ours) ? this.objectOf(ours) : undefined
  }

  /** The user wants to see it, whatever is in it. To be called before it is fetched, so that the event finds it. */
  open(id: ConversationId): void {
    this.removedHere.delete(id)
    this.reopened.set(id, this.client.conversation(id)?.hiddenSeq ?? 0)
    this.openedLast = id
  }

  /** These have changed: from now on the order is the usual one. */
  note(ids: readonly ConversationId[]): void {
    if (ids.some((id) => id !== this.openedLast)) this.openedLast = undefined
    for (const id of ids) if (this.client.conversation(id)) this.left.delete(id)
  }

  /** The user has removed these. */
  remove(ids: readonly ConversationId[]): void {
    for (const id of ids) {
      this.objects.delete(id)
      this.reopened.delete(id)
      this.left.delete(id)
      const { lastSeq } = this.client.conversation(id) ?? {}
      if (lastSeq !== undefined && (lastSeq === 0 || this.groups.isLiveRoom(id))) this.removedHere.set(id, lastSeq)
    }
  }

  /** The user is no longer in this group: nothing of it is unread, and a live room is gone. */
  leave(ours: OurConversation): void {
    const { conversationId, about } = ours
    const isLive = about.type === 'group' && about.group.type === 'live'
    if (isLive) {
      this.objects.delete(conversationId)
      this.removedHere.delete(conversationId)
      return
    }
    if (this.isShown(ours)) this.left.set(conversationId, { ...ours, unread: 0, mentions: [] })
  }

  /** Whether only this device still shows it. */
  isLeft(id: ConversationId): boolean {
    return this.left.has(id)
  }

  /** Messages that wait, over all conversations that count (tim-semantics §4.3). */
  totalUnread(): number {
    return this.shown()
      .filter(countsInTotal)
      .reduce((total, ours) => total + unreadCountOf(ours), 0)
  }

  clear(): void {
    this.objects.clear()
    this.removedHere.clear()
    this.reopened.clear()
    this.left.clear()
    this.openedLast = undefined
  }

  private shown(): OurConversation[] {
    const hidden = [...this.reopened.keys()].flatMap((id) => this.client.conversation(id) ?? [])
    const reopened = hidden.filter((ours) => !ours.isVisible && this.isShown(ours))
    const here = this.client.conversations().filter((ours) => this.isShown(ours))
    return [...here, ...reopened, ...this.left.values()]
  }

  private isShown({ conversationId, about, isVisible, lastSeq, hiddenSeq }: OurConversation): boolean {
    // The server may have begun it without a word yet.
    if (about.type === 'system' && lastSeq === 0) return this.reopened.has(conversationId)
    if (!isVisible) return this.reopened.get(conversationId) === hiddenSeq
    return lastSeq > (this.removedHere.get(conversationId) ?? -1)
  }

  private objectOf(ours: OurConversation): Conversation | undefined {
    const { self } = this.client
    if (!self) return undefined
    const view: ConversationView = {
      self,
      urlOf: (...file) => this.client.mediaUrl(...file),
      group: this.groups.objectOfConversation(ours),
    }
    const known = this.objects.get(ours.conversationId)
    if (known) {
      updateConversation(known, ours, view)
      return known
    }
    const created = toTimConversation(ours, view)
    this.objects.set(ours.conversationId, created)
    return created
  }
}
