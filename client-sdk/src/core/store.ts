import { conversationOfTimeline, conversationTimeline, userTimeline } from '@hongyan/protocol/constants'
import type {
  ConversationId,
  ConversationState,
  Entry,
  EntryOf,
  Message,
  Offset,
  Seq,
  TimelineId,
  UserId,
} from '@hongyan/protocol'
import { aboutOf } from './about-rules.ts'
import type { Change, Conversation } from './client-api.ts'
import {
  advance,
  applyEntry,
  joinedConversation,
  mergeState,
  unknownConversation,
  type Kept,
  type Merge,
} from './conversation-rules.ts'

/** An entry with its place in its timeline. */
export interface Placed {
  readonly offset: Offset
  readonly entry: Entry
}

/** What of this instance's own doing the store must recognise when it comes back as an entry. */
export interface OwnDoings {
  /** Whether this instance sent the message: its entry may come again from a store that was put back. */
  isSent(id: string): boolean
  /** True once for a revocation this instance asked for. */
  takeRevoked(conversationId: ConversationId, seq: Seq): boolean
  /** True once for a change of a message's content this instance asked for. */
  takeModified(conversationId: ConversationId, entry: EntryOf<'modified'>): boolean
}

/** What a batch of entries makes known. */
interface News {
  readonly told: Change[]
  readonly conversations: Set<ConversationId>
  readonly groups: Set<ConversationId>
}

/**
 * What the client believes: the conversations, and with them the cursors. A conversation's cursor is its state's offset,
 * so a state and the offset it is true for cannot part. What happens to one conversation is decided by the pure rules in
 * `conversation-rules.ts`; here is only the map of them and what to tell.
 */
export class Store {
  readonly me: UserId
  /** Identity of the server's store; undefined before the first page of a snapshot. */
  epoch: string | undefined = undefined
  userOffset: Offset = 0
  private readonly own: OwnDoings
  private readonly kept = new Map<ConversationId, Kept>()
  /** Where dismissed groups ended: what is true for an earlier moment does not bring them back. */
  private readonly ended = new Map<ConversationId, Offset>()

  constructor(me: UserId, own: OwnDoings) {
    this.me = me
    this.own = own
  }

  get(id: ConversationId): Kept | undefined {
    return this.kept.get(id)
  }

  all(): IterableIterator<Kept> {
    return this.kept.values()
  }

  put(kept: Kept): void {
    this.kept.set(kept.seen.conversationId, kept)
  }

  drop(id: ConversationId): void {
    this.kept.delete(id)
  }

  /** Forgets everything: another epoch has begun. */
  reset(): void {
    this.epoch = undefined
    this.userOffset = 0
    this.kept.clear()
    this.ended.clear()
  }

  cursorOf(timeline: TimelineId): Offset {
    const id = conversationOfTimeline(timeline)
    return id === undefined ? this.userOffset : (this.kept.get(id)?.seen.offset ?? 0)
  }

  /** Every followed timeline with its cursor, the user's last ([PUSH-1] of a resume). */
  cursors(): { timeline: TimelineId; offset: Offset }[] {
    const cursors = []
    for (const { seen, isJoined } of this.kept.values()) {
      if (isJoined) cursors.push({ timeline: conversationTimeline(seen.conversationId), offset: seen.offset })
    }
    cursors.push({ timeline: userTimeline(this.me), offset: this.userOffset })
    return cursors
  }

  /**
   * The conversation, made up from its id when it is not known; undefined when it cannot be one of ours. A group is one
   * only from the entry on that says so.
   */
  ensure(id: ConversationId, isJoined: boolean): Kept | undefined {
    const known = this.kept.get(id)
    const about = known === undefined ? aboutOf(id, this.me) : undefined
    if (about === undefined || about.type === 'group') return known
    const made = unknownConversation(id, about, isJoined)
    this.put(made)
    return made
  }

  /** Takes a fetched state in. */
  merge(state: ConversationState, merge: Merge): void {
    const id = state.conversationId
    if (state.offset >= (this.ended.get(id) ?? 0)) this.put(mergeState(this.kept.get(id), state, merge))
  }

  /** Applies entries that follow the cursor one by one; returns what to tell, in order. Never throws. */
  apply(timeline: TimelineId, entries: readonly Placed[], onError: (error: unknown) => void): readonly Change[] {
    const news: News = { told: [], conversations: new Set(), groups: new Set() }
    for (const placed of entries) {
      try {
        if (placed.entry.kind === 'profile') news.told.push(placed.entry)
        for (const id of conversationsOf(timeline, placed.entry)) this.applyOne(id, placed, news)
      } catch (error) {
        // An entry that breaks the rules must not be met again after each reconnect: it counts as one not understood.
        onError(error)
      }
      this.moveCursor(timeline, placed.offset)
    }
    const { told, conversations, groups } = news
    if (conversations.size > 0) told.push({ kind: 'conversations', ids: [...conversations], isSyncComplete: true })
    if (groups.size > 0) told.push({ kind: 'groups', ids: [...groups] })
    return told
  }

  /** Puts a conversation changed by an answer back, and says what to tell. */
  change(before: Kept, after: Kept): readonly Change[] {
    this.put(after)
    const id = after.seen.conversationId
    const told: Change[] = []
    tellCleared(before, after, told)
    if (!isSame(before.seen, after.seen)) told.push({ kind: 'conversations', ids: [id], isSyncComplete: true })
    return told
  }

  private applyOne(id: ConversationId, { offset, entry }: Placed, news: News): void {
    const known = this.kept.get(id)
    const before = entry.kind === 'left' || entry.kind === 'dismissed' ? known : this.begin(id, entry)
    if (before === undefined) return
    const after = applyEntry(before, entry, this.me)
    const isGroup = before.seen.about.type === 'group'
    if (after === undefined) {
      this.kept.delete(id)
      if (entry.kind === 'dismissed') this.ended.set(id, offset)
      const why = entry.kind === 'dismissed' ? { dismissedBy: entry.by } : {}
      news.told.push({ kind: 'left', conversation: before.seen, ...why })
    } else {
      this.put(after)
      this.tell(id, entry, before, after, news.told)
    }
    const isNews = after === undefined || entry.kind === 'message' || entry.kind === 'joined'
    if (isNews || !isSame(before.seen, after.seen)) news.conversations.add(id)
    if (isGroup && (after === undefined || known === undefined || !isSame(before.seen.about, after.seen.about))) {
      news.groups.add(id)
    }
  }

  /** The conversation an entry is about, made up when it is not known. */
  private begin(id: ConversationId, entry: Entry): Kept | undefined {
    const known = this.ensure(id, true)
    if (known !== undefined || entry.kind !== 'joined' || entry.offset < (this.ended.get(id) ?? 0)) return known
    const about = aboutOf(id, this.me)
    return about === undefined ? undefined : joinedConversation(entry, about)
  }

  private tell(conversationId: ConversationId, entry: Entry, before: Kept, after: Kept, told: Change[]): void {
    switch (entry.kind) {
      case 'message':
        if (!this.own.isSent(entry.message.id) && isForTheUser(before, entry.message)) {
          tellMessage(conversationId, entry.message, told)
        }
        return
      case 'revoked': {
        const { by, reason = '' } = entry.revocation
        const byThisInstance = this.own.takeRevoked(conversationId, entry.seq) && by === this.me
        told.push({ kind: 'revoked', conversationId, seq: entry.seq, by, reason, byThisInstance })
        return
      }
      case 'modified': {
        // Of a change that was revoked since only the number is left; that it was follows.
        if (entry.elements.length === 0) return
        const byThisInstance = this.own.takeModified(conversationId, entry) && entry.by === this.me
        told.push({ kind: 'modified', conversationId, entry, byThisInstance })
        return
      }
      case 'receipted': {
        const { seqs, atMs } = entry
        if (entry.userId !== this.me) told.push({ kind: 'receipted', conversationId, seqs, atMs })
        return
      }
      case 'reaction':
      case 'extensions':
      case 'message-pinned':
      case 'attributes':
      case 'counters':
        told.push({ kind: 'annotated', conversationId, annotation: entry })
        return
      case 'read': {
        const { peerReadSeq: seq, peerReadAtMs: atMs } = after.seen
        if (entry.userId !== this.me && seq > before.seen.peerReadSeq) {
          told.push({ kind: 'read-by-peer', conversationId, seq, atMs })
        }
        return
      }
      case 'deleted':
        told.push({ kind: 'deleted', conversationId, seqs: entry.seqs })
        return
      default:
        tellCleared(before, after, told)
    }
  }

  private moveCursor(timeline: TimelineId, offset: Offset): void {
    const id = conversationOfTimeline(timeline)
    if (id === undefined) {
      this.userOffset = offset
      return
    }
    const kept = this.kept.get(id)
    if (kept !== undefined) this.put(advance(kept, offset))
  }
}

function conversationsOf(timeline: TimelineId, entry: Entry): readonly ConversationId[] {
  const id = conversationOfTimeline(timeline)
  if (id !== undefined) return [id]
  if ('conversationIds' in entry) return entry.conversationIds
  return 'conversationId' in entry ? [entry.conversationId] : []
}

/** Deleted or cleared elsewhere before it came: the user has done with it. */
function isForTheUser(before: Kept, message: Message): boolean {
  return message.seq > before.seen.clearedSeq && !before.deletedAhead.includes(message.seq)
}

function tellMessage(conversationId: ConversationId, message: Message, told: Change[]): void {
  const last = told[told.length - 1]
  if (last?.kind === 'messages' && last.conversationId === conversationId) {
    told[told.length - 1] = { ...last, messages: [...last.messages, message] }
  } else {
    told.push({ kind: 'messages', conversationId, messages: [message] })
  }
}

function tellCleared(before: Kept, after: Kept, told: Change[]): void {
  const { conversationId, clearedSeq } = after.seen
  if (clearedSeq > before.seen.clearedSeq) told.push({ kind: 'cleared', conversationId, upToSeq: clearedSeq })
}

/** Whether an application would see no difference; both come from the same rules, so comparing the text is exact. */
function isSame<What extends Conversation | Conversation['about']>(a: What, b: What): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
