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
  /** Removed by the user before anything was in them: the server knows nothing to hide. */
  private readonly removedEmpty = new Set<ConversationId>()
  /** Opened again after the user had removed them, with the number up to which they were removed. */
  private readonly reopened = new Map<ConversationId, Seq>()
  /** Of groups the user is no longer in: they stay until he removes them, or until the next login (tim-semantics §4.8). */
  private readonly left = new Map<ConversationId, OurConversation>()
  /** Mentions up to here were seen, where nothing was unread that the server could be told of. */
  private readonly mentionsReadSeqs = new Map<ConversationId, Seq>()
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
    this.removedEmpty.delete(id)
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
      if (this.client.conversation(id)?.lastSeq === 0) this.removedEmpty.add(id)
    }
  }

  /** The user is no longer in this group: nothing of it is unread, and a live room is gone. */
  leave(ours: OurConversation): void {
    const { conversationId, about } = ours
    const isLive = about.type === 'group' && about.group.type === 'live'
    if (isLive) return void this.objects.delete(conversationId)
    if (this.isShown(ours)) this.left.set(conversationId, { ...ours, unread: 0, mentions: [] })
  }

  /** Whether only this device still shows it. */
  isLeft(id: ConversationId): boolean {
    return this.left.has(id)
  }

  /** The user has seen the mentions. False when there were none. */
  clearMentions(id: ConversationId): boolean {
    const { mentions = [], lastSeq = 0 } = this.client.conversation(id) ?? {}
    if (!mentions.some(({ seq }) => seq > this.mentionsReadSeq(id))) return false
    this.mentionsReadSeqs.set(id, lastSeq)
    return true
  }

  /** Messages that wait, over all conversations that count (tim-semantics §4.3). */
  totalUnread(): number {
    return this.shown()
      .filter(countsInTotal)
      .reduce((total, ours) => total + unreadCountOf(ours), 0)
  }

  clear(): void {
    this.objects.clear()
    this.removedEmpty.clear()
    this.reopened.clear()
    this.left.clear()
    this.mentionsReadSeqs.clear()
    this.openedLast = undefined
  }

  private shown(): OurConversation[] {
    const hidden = [...this.reopened.keys()].flatMap((id) => this.client.conversation(id) ?? [])
    const reopened = hidden.filter((ours) => !ours.isVisible && this.isShown(ours))
    const here = this.client.conversations().filter((ours) => this.isShown(ours))
    return [...here, ...reopened, ...this.left.values()]
  }

  private isShown({ conversationId, isVisible, lastSeq, hiddenSeq }: OurConversation): boolean {
    if (!isVisible) return this.reopened.get(conversationId) === hiddenSeq
    return lastSeq > 0 || !this.removedEmpty.has(conversationId)
  }

  private mentionsReadSeq(id: ConversationId): Seq {
    return this.mentionsReadSeqs.get(id) ?? 0
  }

  private objectOf(ours: OurConversation): Conversation | undefined {
    const { self } = this.client
    if (!self) return undefined
    const view: ConversationView = {
      self,
      urlOf: (...file) => this.client.mediaUrl(...file),
      group: this.groups.objectOfConversation(ours),
      mentionsReadSeq: this.mentionsReadSeq(ours.conversationId),
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
