import { unreadOf } from '@hongyan/protocol/constants'
import type { ConversationState, Entry, EntryOf, Message, Seq, UserId } from '@hongyan/protocol'
import type { Conversation } from './client-api.ts'

/** A conversation as the store keeps it: what the application sees, and what only the store needs. */
export interface Kept {
  readonly seen: Conversation
  /** The server follows it for us: it belongs into a resume. */
  readonly isJoined: boolean
  /** False while the peer's profile is made up from his id. */
  readonly isPeerKnown: boolean
  /** Deleted by the user, but not yet arrived here: the user's timeline may be ahead of the conversation's. */
  readonly deletedAhead: readonly Seq[]
  /** The last message was deleted and the one before it is not known. */
  readonly isLastUnknown: boolean
  /** How often a last message was deleted: tells whether an answer is older than the deletion. */
  readonly removals: number
}

/** How a fetched state is taken in. */
export type Merge =
  /** The timeline is followed from the state's offset on: it takes the place of what was known. */
  | { readonly how: 'replace' }
  /** From a snapshot's page, while the timeline is followed from our own cursor: the facts that hold at any offset. */
  | { readonly how: 'page' }
  /**
   * From conversation.get, asked when `removals` last messages had been deleted here. As `page`, but the answer may be
   * older than what the user's timeline has told us since: neither the pin nor a deleted last message is believed.
   */
  | { readonly how: 'answer'; readonly removals: number }

type Flags = Omit<Kept, 'seen'>

const NEW: Flags = { isJoined: true, isPeerKnown: true, deletedAhead: [], isLastUnknown: false, removals: 0 }

/** A conversation the client has heard of and knows nothing about. */
export function unknownConversation(
  conversationId: ConversationState['conversationId'],
  peerId: UserId,
  isJoined: boolean,
): Kept {
  return derive(
    { ...NEW, isJoined, isPeerKnown: false },
    {
      conversationId,
      offset: 0,
      lastSeq: 0,
      countable: 0,
      own: 0,
      base: { seq: 0, countable: 0, own: 0 },
      uncounted: [],
      readSeq: 0,
      peerReadSeq: 0,
      peerReadAtMs: 0,
      clearedSeq: 0,
      hiddenSeq: 0,
      peer: { userId: peerId, nick: '', avatar: '' },
    },
  )
}

/**
 * The conversation after an entry. Pure. Numbers in entries are absolute, marks only grow and sets are sets, so an entry
 * that a fetched state contained already changes nothing; only own messages are counted up, and those come from the
 * conversation's own timeline, where the cursor lets each through once.
 */
export function applyEntry(kept: Kept, entry: Entry, me: UserId): Kept {
  switch (entry.kind) {
    case 'message':
      return applyMessage(kept, entry.message, me)
    case 'revoked':
      return applyRevoked(kept, entry, me)
    case 'read':
      return applyRead(kept, entry, me)
    case 'joined':
      return kept.isJoined ? kept : { ...kept, isJoined: true }
    case 'pinned':
      return derive(kept, withPin(kept.seen, entry.pinnedAtMs))
    case 'hidden':
      return hide(kept, entry.base, entry.cleared)
    case 'cleared':
      return clear(kept, entry.base)
    case 'deleted':
      return applyDeleted(kept, entry)
    default:
      return kept // [FWD-1]
  }
}

/** The conversation after a state was fetched; see `Merge`. Nothing that only grows can shrink by it. */
export function mergeState(kept: Kept | undefined, state: ConversationState, merge: Merge): Kept {
  if (kept === undefined) return derive({ ...NEW, isJoined: merge.how !== 'answer' }, state)
  const old = kept.seen
  const marks = {
    base: laterBase(old.base, state.base),
    uncounted: union(old.uncounted, state.uncounted),
    readSeq: Math.max(old.readSeq, state.readSeq),
    peerReadSeq: Math.max(old.peerReadSeq, state.peerReadSeq),
    peerReadAtMs: Math.max(old.peerReadAtMs, state.peerReadAtMs),
    clearedSeq: Math.max(old.clearedSeq, state.clearedSeq),
    hiddenSeq: Math.max(old.hiddenSeq, state.hiddenSeq),
  }
  const last = visible(kept, state.lastMessage, marks.clearedSeq)
  if (merge.how === 'replace') {
    const deletedAhead = kept.deletedAhead.filter((seq) => seq > state.lastSeq)
    return derive({ ...NEW, deletedAhead, removals: kept.removals }, withLast({ ...state, ...marks }, last))
  }
  const merged = { ...old, ...marks, peer: state.peer }
  const flags = { ...kept, isPeerKnown: true, isJoined: kept.isJoined || merge.how === 'page' }
  if (merge.how === 'answer' && merge.removals !== kept.removals) return derive(flags, merged)
  const isOursNewer = old.lastMessage !== undefined && old.lastMessage.seq > state.lastSeq
  const isCurrent = state.offset >= old.offset
  // An older state knows neither the newest message nor the newest revocation. It may still show that the user deleted
  // what we hold for the last message; then it is asked for again.
  const isOursDoubted = merge.how === 'page' && !isOursNewer && old.lastMessage?.seq !== state.lastMessage?.seq
  const next = withLast(merged, isCurrent && !isOursNewer ? last : old.lastMessage)
  const isLastUnknown = !isCurrent && (kept.isLastUnknown || isOursDoubted)
  const pinned = merge.how === 'page' ? withPin(next, state.pinnedAtMs ?? null) : next
  return derive({ ...flags, isLastUnknown }, pinned)
}

/** As if the user had read up to `base.seq`. */
export function markRead(kept: Kept, base: ConversationState['base']): Kept {
  const c = kept.seen
  return derive(kept, { ...c, readSeq: Math.max(c.readSeq, base.seq), base: laterBase(c.base, base) })
}

/** Out of the list up to `base.seq`, and without its history if so wished. */
export function hide(kept: Kept, base: ConversationState['base'], clears: boolean): Kept {
  const c = kept.seen
  const hidden = derive(kept, {
    ...c,
    hiddenSeq: Math.max(c.hiddenSeq, base.seq),
    base: laterBase(c.base, base),
  })
  return clears ? clear(hidden, base) : hidden
}

/** Without its history up to `base.seq`. */
export function clear(kept: Kept, base: ConversationState['base']): Kept {
  const c = kept.seen
  const clearedSeq = Math.max(c.clearedSeq, base.seq)
  const last = c.lastMessage !== undefined && c.lastMessage.seq > clearedSeq ? c.lastMessage : undefined
  const isLastUnknown = kept.isLastUnknown && c.lastSeq > clearedSeq
  return derive({ ...kept, isLastUnknown }, withLast({ ...c, clearedSeq, base: laterBase(c.base, base) }, last))
}

/** Where counting starts for one who has read everything we know. */
export function baseAtEnd(c: ConversationState): ConversationState['base'] {
  return laterBase(c.base, { seq: c.lastSeq, countable: c.countable, own: c.own })
}

/** The same with the cursor moved. */
export function advance(kept: Kept, offset: number): Kept {
  return { ...kept, isJoined: true, seen: { ...kept.seen, offset } }
}

function applyMessage(kept: Kept, message: Message, me: UserId): Kept {
  const c = kept.seen
  const isOwnCountable = message.senderId === me && message.uncounted !== true
  const shown = message.notLast === true ? undefined : visible(kept, message, c.clearedSeq)
  const isLast = shown !== undefined && shown.seq > (c.lastMessage?.seq ?? 0)
  const flags = {
    ...kept,
    isLastUnknown: kept.isLastUnknown && !isLast,
    deletedAhead: kept.deletedAhead.filter((seq) => seq > message.seq),
  }
  const counted = {
    ...c,
    lastSeq: Math.max(c.lastSeq, message.seq),
    countable: Math.max(c.countable, message.countable),
    own: isOwnCountable ? c.own + 1 : c.own,
  }
  return derive(flags, isLast ? withLast(counted, shown) : counted)
}

function applyRevoked(kept: Kept, entry: EntryOf<'revoked'>, me: UserId): Kept {
  const c = kept.seen
  const uncounted = entry.counted && entry.senderId !== me ? union(c.uncounted, [entry.seq]) : c.uncounted
  if (c.lastMessage?.seq !== entry.seq) return derive(kept, { ...c, uncounted })
  // What is revoked is gone, here too (promise I6).
  const { customData: _gone, ...rest } = c.lastMessage
  return derive(kept, { ...c, uncounted, lastMessage: { ...rest, elements: [], revoked: entry.revocation } })
}

function applyRead(kept: Kept, entry: EntryOf<'read'>, me: UserId): Kept {
  const own = entry.userId === me ? markRead(kept, entry.base) : kept
  const c = own.seen
  if (entry.userId !== c.peer.userId || entry.base.seq <= c.peerReadSeq) return own
  return derive(own, { ...c, peerReadSeq: entry.base.seq, peerReadAtMs: Math.max(c.peerReadAtMs, entry.atMs) })
}

function applyDeleted(kept: Kept, entry: EntryOf<'deleted'>): Kept {
  const c = kept.seen
  const deletedAhead = union(kept.deletedAhead, entry.seqs).filter((seq) => seq > c.lastSeq)
  const isLastGone = c.lastMessage !== undefined && entry.seqs.includes(c.lastMessage.seq)
  const flags = {
    ...kept,
    deletedAhead,
    isLastUnknown: kept.isLastUnknown || isLastGone,
    removals: kept.removals + 1,
  }
  const counted = { ...c, uncounted: union(c.uncounted, entry.counted) }
  return derive(flags, isLastGone ? withLast(counted, undefined) : counted)
}

function visible(kept: Kept, message: Message | undefined, clearedSeq: Seq): Message | undefined {
  if (message === undefined || message.seq <= clearedSeq || kept.deletedAhead.includes(message.seq)) return undefined
  return message
}

function withLast(state: ConversationState, lastMessage: Message | undefined): ConversationState {
  const { lastMessage: _old, ...rest } = state
  return lastMessage === undefined ? rest : { ...rest, lastMessage }
}

function withPin(state: ConversationState, pinnedAtMs: number | null): ConversationState {
  const { pinnedAtMs: _old, ...rest } = state
  return pinnedAtMs === null ? rest : { ...rest, pinnedAtMs }
}

/** Puts the derived numbers on; the only place that makes a `Conversation`. */
function derive(flags: Flags, state: ConversationState): Kept {
  const { isJoined, isPeerKnown, deletedAhead, isLastUnknown, removals } = flags
  const uncounted = state.uncounted.filter((seq) => seq > state.base.seq)
  const isVisible = state.lastSeq === 0 || state.lastSeq > state.hiddenSeq
  const seen = { ...state, uncounted, unread: unread(state, uncounted), isVisible }
  return { seen, isJoined, isPeerKnown, deletedAhead, isLastUnknown, removals }
}

function unread(state: ConversationState, uncounted: readonly Seq[]): number {
  // The base may be ahead of us: it came by the user's timeline, and the messages before it are still on their way.
  if (state.base.seq >= state.lastSeq) return 0
  return Math.max(0, unreadOf({ ...state, uncounted: uncounted.filter((seq) => seq <= state.lastSeq) }))
}

function laterBase(a: ConversationState['base'], b: ConversationState['base']): ConversationState['base'] {
  return b.seq > a.seq ? b : a
}

function union(a: readonly Seq[], b: readonly Seq[]): Seq[] {
  return [...new Set([...a, ...b])]
}
