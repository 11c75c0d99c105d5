import {
  conversationOfTimeline,
  conversationTimeline,
  parseConversationId,
  peerOf,
  userTimeline,
} from '@hongyan/protocol/constants'
import type {
  ConversationId,
  ConversationState,
  Entry,
  Message,
  Offset,
  Seq,
  TimelineId,
  UserId,
} from '@hongyan/protocol'
import type { Change, Conversation } from './client-api.ts'
import { advance, applyEntry, mergeState, unknownConversation, type Kept, type Merge } from './conversation-rules.ts'

/** An entry with its place in its timeline. */
export interface Placed {
  readonly offset: Offset
  readonly entry: Entry
}

/** What of this instance's own doing the store must recognise when it comes back as an entry. */
export interface OwnDoings {
  /** True once for a message this instance sent. */
  takeSent(id: string): boolean
  /** True once for a revocation this instance asked for. */
  takeRevoked(conversationId: ConversationId, seq: Seq): boolean
}

type Told = Exclude<Change, { kind: 'net' | 'ended' | 'conversations' | 'volatile' }>

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

  /** The conversation, made up from its id when it is not known; undefined when the id is not one of ours. */
  ensure(id: ConversationId, isJoined: boolean): Kept | undefined {
    const known = this.kept.get(id)
    if (known !== undefined) return known
    const parts = parseConversationId(id)
    const peerId = parts === undefined ? undefined : peerOf(parts, this.me)
    if (peerId === undefined) return undefined
    const made = unknownConversation(id, peerId, isJoined)
    this.put(made)
    return made
  }

  /** Takes a fetched state in. */
  merge(state: ConversationState, merge: Merge): void {
    this.put(mergeState(this.kept.get(state.conversationId), state, merge))
  }

  /** Applies entries that follow the cursor one by one; returns what to tell, in order. Never throws. */
  apply(timeline: TimelineId, entries: readonly Placed[], onError: (error: unknown) => void): readonly Change[] {
    const told: Told[] = []
    const touched = new Set<ConversationId>()
    for (const { offset, entry } of entries) {
      try {
        const id = this.applyOne(timeline, entry, told)
        if (id !== undefined) touched.add(id)
      } catch (error) {
        // An entry that breaks the rules must not be met again after each reconnect: it counts as one not understood.
        onError(error)
      }
      this.moveCursor(timeline, offset)
    }
    if (touched.size === 0) return told
    return [...told, { kind: 'conversations', ids: [...touched], isSyncComplete: true }]
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

  private applyOne(timeline: TimelineId, entry: Entry, told: Told[]): ConversationId | undefined {
    const id = conversationOfTimeline(timeline) ?? ('conversationId' in entry ? entry.conversationId : undefined)
    const before = id === undefined ? undefined : this.ensure(id, true)
    if (id === undefined || before === undefined) return undefined
    const after = applyEntry(before, entry, this.me)
    this.put(after)
    this.tell(id, entry, before, after, told)
    const isNews = entry.kind === 'message' || entry.kind === 'joined' || !isSame(before.seen, after.seen)
    return isNews ? id : undefined
  }

  private tell(conversationId: ConversationId, entry: Entry, before: Kept, after: Kept, told: Told[]): void {
    switch (entry.kind) {
      case 'message':
        if (!this.own.takeSent(entry.message.id) && isForTheUser(before, entry.message)) {
          tellMessage(conversationId, entry.message, told)
        }
        return
      case 'revoked': {
        const { by, reason = '' } = entry.revocation
        const byThisInstance = this.own.takeRevoked(conversationId, entry.seq) && by === this.me
        told.push({ kind: 'revoked', conversationId, seq: entry.seq, by, reason, byThisInstance })
        return
      }
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

/** Deleted or cleared elsewhere before it came: the user has done with it. */
function isForTheUser(before: Kept, message: Message): boolean {
  return message.seq > before.seen.clearedSeq && !before.deletedAhead.includes(message.seq)
}

function tellMessage(conversationId: ConversationId, message: Message, told: Told[]): void {
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
function isSame(a: Conversation, b: Conversation): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
