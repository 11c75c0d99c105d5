import { LIMITS, unreadOf } from '@hongyan/protocol/constants'
import type {
  About,
  ConversationState,
  Entry,
  EntryOf,
  Group,
  Membership,
  Message,
  Offset,
  Seq,
  UserId,
} from '@hongyan/protocol'
import { aboutAfter, aboutOf, isOtherMembership, mergeAbout } from './about-rules.ts'
import type { Conversation } from './client-api.ts'

/** A conversation as the store keeps it: what the application sees, and what only the store needs. */
export interface Kept {
  readonly seen: Conversation
  /** The server follows it for us: it belongs into a resume. */
  readonly isJoined: boolean
  /** False while `about` is made up from the id, or in doubt: then it has to be fetched. */
  readonly isAboutKnown: boolean
  /** Where the user's membership began, if an entry told it: tells this membership from an earlier one. */
  readonly since: Offset
  /** Deleted by the user, but not yet arrived here: the user's timeline may be ahead of the conversation's. */
  readonly deletedAhead: readonly Seq[]
  /** The last message was deleted and the one before it is not known. */
  readonly isLastUnknown: boolean
  /** How often an entry told what an answer on its way may be too old to know. */
  readonly touches: number
}

/** How a fetched state is taken in. */
export type Merge =
  /** The timeline is followed from the state's offset on: it takes the place of what was known. */
  | { readonly how: 'replace' }
  /** From a snapshot's page, while the timeline is followed from our own cursor: the facts that hold at any offset. */
  | { readonly how: 'page' }
  /**
   * From conversation.get, asked after so many `touches`. As `page`, but the answer may be older than what the user's
   * timeline has told us since: what only that tells is not believed, and after a touch nothing that it may contradict.
   */
  | { readonly how: 'answer'; readonly touches: number }

type Flags = Omit<Kept, 'seen'>

const NEW: Flags = {
  isJoined: true,
  isAboutKnown: true,
  since: 0,
  deletedAhead: [],
  isLastUnknown: false,
  touches: 0,
}

/** A conversation the client has heard of and knows nothing about. */
export function unknownConversation(
  conversationId: ConversationState['conversationId'],
  about: About,
  isJoined: boolean,
): Kept {
  const joined = { kind: 'joined', conversationId, offset: 0, seq: 0, countable: 0 } as const
  return begin({ ...NEW, isJoined }, joined, about)
}

/** A conversation the user has become a member of, of which nothing but the place is known where he came. */
export function joinedConversation(entry: EntryOf<'joined'>, about: About): Kept {
  return begin({ ...NEW, since: entry.offset }, entry, about)
}

/** A live room that this instance is in; followed from `offset` on, and only as long as the connection lasts. */
export function roomConversation(
  conversationId: ConversationState['conversationId'],
  group: Group,
  self: Membership,
  offset: number,
): Kept {
  const joined = { kind: 'joined', conversationId, offset, seq: 0, countable: 0 } as const
  const room = begin({ ...NEW, isJoined: false }, joined, { type: 'group', group, self })
  return { ...room, isAboutKnown: true }
}

/** The same with something else known of what it is with. */
export function withAbout(kept: Kept, about: About): Kept {
  return derive(kept, { ...kept.seen, about })
}

export function isLiveRoom({ about }: Pick<ConversationState, 'about'>): boolean {
  return about.type === 'group' && about.group.type === 'live'
}

function begin(flags: Flags, { conversationId, offset, seq, countable }: EntryOf<'joined'>, about: About): Kept {
  return derive(
    // There may be a history from before he came, and then the last message is of it.
    { ...flags, isAboutKnown: about.type === 'system', isLastUnknown: seq > 0 },
    {
      conversationId,
      about,
      offset,
      lastSeq: seq,
      countable,
      own: 0,
      base: { seq, countable, own: 0 },
      uncounted: [],
      readSeq: 0,
      peerReadSeq: 0,
      peerReadAtMs: 0,
      clearedSeq: 0,
      hiddenSeq: 0,
      remind: 'notify',
      mentions: [],
    },
  )
}

/**
 * The conversation after an entry; undefined when it is the user's no longer. Pure. Numbers in entries are absolute, marks only grow and sets are sets, so an entry
 * that a fetched state contained already changes nothing; only own messages are counted up, and those come from the
 * conversation's own timeline, where the cursor lets each through once.
 */
export function applyEntry(kept: Kept, entry: Entry, me: UserId): Kept | undefined {
  const c = kept.seen
  switch (entry.kind) {
    case 'message':
      return applyMessage(kept, entry.message, me)
    case 'revoked':
      return applyRevoked(kept, entry, me)
    case 'modified':
      return applyModified(kept, entry)
    case 'skipped':
      return derive(kept, { ...c, lastSeq: Math.max(c.lastSeq, entry.seq) })
    case 'read':
      return applyRead(kept, entry, me)
    case 'receipted':
      return applyReceipted(kept, entry)
    case 'joined':
      return applyJoined(kept, entry, me)
    case 'left':
    case 'dismissed':
      return undefined
    case 'read-here':
      return markRead(kept, entry.base)
    case 'remind':
      return derive(touched(kept), { ...c, remind: entry.remind })
    case 'membership':
      return applyMembership(kept, entry)
    case 'pinned':
      return derive(touched(kept), withPin(c, entry.pinnedAtMs))
    case 'hidden':
      return hide(kept, entry.base, entry.cleared)
    case 'cleared':
      return clear(kept, entry.base)
    case 'deleted':
      return applyDeleted(kept, entry)
    default:
      return kept // beside the conversation, or [FWD-1]
  }
}

/** The conversation after a state was fetched; see `Merge`. Nothing that only grows can shrink by it. */
export function mergeState(kept: Kept | undefined, state: ConversationState, merge: Merge): Kept {
  const isOther =
    kept?.isAboutKnown === true && merge.how !== 'answer' && isOtherMembership(kept.seen.about, state.about)
  if (kept === undefined || isOther) {
    return derive({ ...NEW, isJoined: merge.how !== 'answer', touches: (kept?.touches ?? 0) + 1 }, state)
  }
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
    const { since, touches } = kept
    const deletedAhead = kept.deletedAhead.filter((seq) => seq > state.lastSeq)
    return derive({ ...NEW, since, deletedAhead, touches }, withLast({ ...state, ...marks }, last))
  }
  const isPage = merge.how === 'page'
  const isCurrent = state.offset >= old.offset
  const isAnswerOld = !isPage && merge.touches !== kept.touches
  const isUnknown = !kept.isAboutKnown
  const about = isAnswerOld
    ? mergeAbout(old.about, state.about, { isNewer: false, isSelfNewer: false })
    : mergeAbout(old.about, state.about, { isNewer: isCurrent || isUnknown, isSelfNewer: isPage || isUnknown })
  // An answer that nothing has touched since it was asked for contains every tip we have, whatever its offset. A page may not.
  const isAboutKnown = kept.isAboutKnown || about.type !== 'group' || (isPage ? isCurrent : !isAnswerOld)
  const mentions = isCurrent && !isAnswerOld ? state.mentions : old.mentions
  const merged = { ...old, ...marks, about, mentions }
  const flags = { ...kept, isAboutKnown, isJoined: kept.isJoined || isPage }
  if (isAnswerOld) return derive(flags, merged)
  const isOursNewer = old.lastMessage !== undefined && old.lastMessage.seq > state.lastSeq
  // An older state knows neither the newest message nor the newest revocation. It may still show that the user deleted
  // what we hold for the last message; then it is asked for again.
  const isOursDoubted = isPage && !isOursNewer && old.lastMessage?.seq !== state.lastMessage?.seq
  const next = withLast(merged, isCurrent && !isOursNewer ? last : old.lastMessage)
  const isLastUnknown = !isCurrent && (kept.isLastUnknown || isOursDoubted)
  const settled = isPage ? withPin({ ...next, remind: state.remind }, state.pinnedAtMs ?? null) : next
  return derive({ ...flags, isLastUnknown }, settled)
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

/** Whether reading changes anything: the number that is shown may be 0 because the user wants to hear of nothing. */
export function isAnythingUnread(c: Conversation): boolean {
  return waiting(c) > 0 || c.mentions.length > 0
}

/** The same with the cursor moved. */
export function advance(kept: Kept, offset: number): Kept {
  return { ...kept, isJoined: !isLiveRoom(kept.seen), seen: { ...kept.seen, offset } }
}

function applyMessage(kept: Kept, message: Message, me: UserId): Kept {
  const c = kept.seen
  const isOwnCountable = message.senderId === me && message.uncounted !== true && message.receiverIds === undefined
  const shown = message.notLast === true ? undefined : visible(kept, message, c.clearedSeq)
  const isLast = shown !== undefined && shown.seq > (c.lastMessage?.seq ?? 0)
  const about = aboutAfter(c.about, message, me)
  const flags = {
    ...(about === c.about ? kept : touched(kept)),
    isLastUnknown: kept.isLastUnknown && !isLast,
    deletedAhead: kept.deletedAhead.filter((seq) => seq > message.seq),
  }
  const counted = {
    ...c,
    about,
    mentions: withMention(c, message, me),
    lastSeq: Math.max(c.lastSeq, message.seq),
    countable: Math.max(c.countable, message.countable),
    own: isOwnCountable ? c.own + 1 : c.own,
  }
  return derive(flags, isLast ? withLast(counted, shown) : counted)
}

function withMention(c: ConversationState, message: Message, me: UserId): ConversationState['mentions'] {
  const { seq, senderId, mentions, receiverIds, revoked } = message
  const isMine = mentions?.userIds.includes(me) === true
  if (mentions === undefined || (!isMine && !mentions.all) || c.about.type !== 'group') return c.mentions
  if (senderId === me || receiverIds !== undefined || revoked !== undefined) return c.mentions
  if (c.mentions.some((mention) => mention.seq === seq)) return c.mentions
  const who = !isMine ? 'all' : mentions.all ? 'both' : 'me'
  return [...c.mentions, { seq, senderId, who } as const].sort((a, b) => a.seq - b.seq)
}

function applyRevoked(kept: Kept, entry: EntryOf<'revoked'>, me: UserId): Kept {
  const c = kept.seen
  const uncounted = entry.counted && entry.senderId !== me ? union(c.uncounted, [entry.seq]) : c.uncounted
  const mentions = c.mentions.filter(({ seq }) => seq !== entry.seq)
  const next = { ...c, uncounted, mentions }
  if (c.lastMessage?.seq !== entry.seq) return derive(kept, next)
  // What is revoked is gone, here too (promise I6).
  const { customData: _gone, ...rest } = c.lastMessage
  return derive(kept, { ...next, lastMessage: { ...rest, elements: [], revoked: entry.revocation } })
}

function applyModified(kept: Kept, { seq, version, elements, customData }: EntryOf<'modified'>): Kept {
  const last = kept.seen.lastMessage
  // Recall wins (promise I6), and an older version never takes the place of a newer one.
  if (last?.seq !== seq || last.revoked !== undefined || version <= (last.version ?? 0)) return kept
  const { customData: _old, ...rest } = last
  const changed = { ...rest, version, elements, ...(customData === undefined ? {} : { customData }) }
  return derive(kept, { ...kept.seen, lastMessage: changed })
}

function applyRead(kept: Kept, entry: EntryOf<'read'>, me: UserId): Kept {
  const own = entry.userId === me ? markRead(kept, entry.base) : kept
  const c = own.seen
  const isPeer = c.about.type === 'c2c' && c.about.peer.userId === entry.userId
  if (!isPeer || entry.base.seq <= c.peerReadSeq) return own
  return derive(own, { ...c, peerReadSeq: entry.base.seq, peerReadAtMs: Math.max(c.peerReadAtMs, entry.atMs) })
}

function applyReceipted(kept: Kept, { userId, seqs, atMs }: EntryOf<'receipted'>): Kept {
  const last = kept.seen.lastMessage
  if (last === undefined || last.senderId === userId || !seqs.includes(last.seq)) return kept
  return last.receiptAtMs === undefined
    ? derive(kept, { ...kept.seen, lastMessage: { ...last, receiptAtMs: atMs } })
    : kept
}

/** A conversation that is known up to there, or further, is of this membership already. */
function applyJoined(kept: Kept, entry: EntryOf<'joined'>, me: UserId): Kept | undefined {
  if (kept.seen.offset >= entry.offset) return kept.isJoined ? kept : { ...kept, isJoined: true }
  const about = aboutOf(entry.conversationId, me)
  return about === undefined ? kept : joinedConversation(entry, about)
}

/** Role and mute are told by tips; where this says otherwise the tip is on its way, or has come before: then it is fetched. */
function applyMembership(kept: Kept, { self }: EntryOf<'membership'>): Kept {
  const { about } = kept.seen
  if (about.type !== 'group') return kept
  const { role, mutedUntilMs } = about.self
  const isAsTold = self.role === role && self.mutedUntilMs === mutedUntilMs
  const flags = { ...touched(kept), isAboutKnown: kept.isAboutKnown && isAsTold }
  return derive(flags, { ...kept.seen, about: { ...about, self: { ...self, role, mutedUntilMs } } })
}

function applyDeleted(kept: Kept, entry: EntryOf<'deleted'>): Kept {
  const c = kept.seen
  const deletedAhead = union(kept.deletedAhead, entry.seqs).filter((seq) => seq > c.lastSeq)
  const isLastGone = c.lastMessage !== undefined && entry.seqs.includes(c.lastMessage.seq)
  const flags = { ...touched(kept), deletedAhead, isLastUnknown: kept.isLastUnknown || isLastGone }
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

function touched(kept: Kept): Kept {
  return { ...kept, touches: kept.touches + 1 }
}

/** Puts the derived numbers on; the only place that makes a `Conversation`. */
function derive(flags: Flags, state: ConversationState): Kept {
  const { isJoined, isAboutKnown, since, deletedAhead, isLastUnknown, touches } = flags
  const uncounted = state.uncounted.filter((seq) => seq > state.base.seq)
  const mentions = state.mentions.filter(({ seq }) => seq > state.base.seq).slice(-LIMITS.mentionsKept)
  const isVisible = state.lastSeq === 0 || state.lastSeq > state.hiddenSeq
  // Who wants to hear of nothing is not shown a number either; it is all counted, for when he changes his mind.
  const isSilenced = state.remind === 'discard' || state.remind === 'discard-except-at'
  const unread = isSilenced ? 0 : waiting({ ...state, uncounted })
  const seen = { ...state, uncounted, mentions, unread, isVisible }
  return { seen, isJoined, isAboutKnown, since, deletedAhead, isLastUnknown, touches }
}

function waiting(state: ConversationState): number {
  // The base may be ahead of us: it came by the user's timeline, and the messages before it are still on their way.
  if (state.base.seq >= state.lastSeq) return 0
  return Math.max(0, unreadOf({ ...state, uncounted: state.uncounted.filter((seq) => seq <= state.lastSeq) }))
}

function laterBase(a: ConversationState['base'], b: ConversationState['base']): ConversationState['base'] {
  return b.seq > a.seq ? b : a
}

function union(a: readonly Seq[], b: readonly Seq[]): Seq[] {
  return [...new Set([...a, ...b])]
}
