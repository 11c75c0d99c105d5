import {
  c2cConversationId,
  conversationOfTimeline,
  type ConversationId,
  type Entry,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import { GroupTruth } from './group-truth.ts'

/** One entry as it was committed. */
export interface Committed {
  readonly timeline: TimelineId
  readonly offset: number
  readonly entry: Entry
  readonly atMs: number
}

export type MessageOf = Extract<Entry, { kind: 'message' }>['message']

/** A message that a user may still see. */
export interface SeenMessage {
  readonly message: MessageOf
  readonly isRevoked: boolean
  /** What it says now, and how often that was changed. */
  readonly text: string
  readonly version: number
}

interface UserView {
  readonly conversationId: ConversationId
  readonly messages: readonly SeenMessage[]
  readonly lastSeq: number
  readonly readSeq: number
  readonly peerReadSeq: number
  readonly clearedSeq: number
  readonly hiddenSeq: number
  readonly pinnedAtMs: number | null
  readonly remind: string
  readonly unread: number
  readonly mentions: readonly number[]
}

/**
 * What is true, found in the most naive way: one list of all committed entries, and every question answered by walking
 * through all of it. No cursor, no mark, no counter of the server's or the client's is looked at.
 */
export class Oracle {
  readonly groups = new GroupTruth(this)
  #entries: Committed[] = []
  /** The same by timeline, so that a walk is not through everything. */
  #byTimeline = new Map<TimelineId, Committed[]>()
  readonly #ids = new Set<string>()
  /** What a rewind of the store took away. */
  readonly lost: Committed[] = []

  get entries(): readonly Committed[] {
    return this.#entries
  }

  add(committed: Committed): void {
    this.#entries.push(committed)
    const list = this.#byTimeline.get(committed.timeline)
    if (list) list.push(committed)
    else this.#byTimeline.set(committed.timeline, [committed])
    if (committed.entry.kind === 'message') this.#ids.add(committed.entry.message.id)
  }

  /** The store was put back to when there were so many entries. */
  rewind(length: number): void {
    this.lost.push(...this.#entries.slice(length))
    const kept = this.#entries.slice(0, length)
    this.#entries = []
    this.#byTimeline = new Map()
    this.#ids.clear()
    for (const committed of kept) this.add(committed)
  }

  /** Whether a message of this id is stored. */
  has(messageId: string): boolean {
    return this.#ids.has(messageId)
  }

  headOf(timeline: TimelineId): number {
    return this.of(timeline).length
  }

  /** Everybody who has a timeline with something in it. */
  users(): readonly UserId[] {
    return [...this.#byTimeline.keys()].flatMap((id) => (id.startsWith('u:') ? [id.slice(2) as UserId] : []))
  }

  of(timeline: TimelineId): readonly Committed[] {
    return this.#byTimeline.get(timeline) ?? []
  }

  messagesOf(conversationId: ConversationId): readonly MessageOf[] {
    return this.of(`c:${conversationId}` as TimelineId).flatMap(({ entry }) =>
      entry.kind === 'message' ? [entry.message] : [],
    )
  }

  /** Whether the entry at this place is this user's to hear. */
  isHis(userId: UserId, timeline: TimelineId, offset: number): boolean {
    const id = conversationOfTimeline(timeline)
    if (id === undefined) return timeline === `u:${userId}`
    return this.groups.isOne(id) ? this.groups.wasIn(id, userId, offset) : isOf(id, userId)
  }

  /** As `isHis`, and it still is. */
  isHisNow(userId: UserId, timeline: TimelineId, offset: number): boolean {
    const id = conversationOfTimeline(timeline)
    if (id === undefined || !this.groups.isOne(id)) return this.isHis(userId, timeline, offset)
    const stay = this.groups.stayNow(id, userId)
    return stay !== undefined && offset > stay.from
  }

  /** Those he is in. */
  conversationsOf(userId: UserId): readonly ConversationId[] {
    const mine = new Set<ConversationId>()
    for (const { entry } of this.of(`u:${userId}` as TimelineId)) {
      if (entry.kind === 'joined') mine.add(entry.conversationId)
      if (entry.kind === 'left') mine.delete(entry.conversationId)
    }
    return [...mine].filter((id) => !this.groups.isDismissed(id))
  }

  /** A conversation as this user must see it. */
  view(userId: UserId, conversationId: ConversationId): UserView {
    const said = this.of(`c:${conversationId}` as TimelineId).map(({ entry }) => entry)
    const done = this.of(`u:${userId}` as TimelineId).map(({ entry }) => entry)
    const ever = done.filter((entry) => isAbout(entry, conversationId))
    const joinedAt = ever.findLastIndex((entry) => entry.kind === 'joined')
    const joined = ever[joinedAt]
    const joinedSeq = joined?.kind === 'joined' ? joined.seq : 0
    // Of his present membership. What he deleted stays deleted, also when he comes back.
    const own = ever.slice(joinedAt + 1)
    const reads = said.flatMap((entry) => (entry.kind === 'read' ? [entry] : []))
    const readHere = own.flatMap((entry) => (entry.kind === 'read-here' ? [entry.base.seq] : []))
    const readThere = reads.filter((entry) => entry.userId === userId).map((entry) => entry.base.seq)
    const readSeq = highest([joinedSeq, ...readHere, ...readThere])
    const isSelf = c2cConversationId(userId, userId) === conversationId
    const peerReads = reads.filter((entry) => isSelf || entry.userId !== userId)
    const hiddenSeq = highest(own.flatMap((entry) => (entry.kind === 'hidden' ? [entry.base.seq] : [])))
    const clearedSeq = highest([
      this.groups.showsHistory(conversationId) ? 0 : joinedSeq,
      ...own.flatMap((entry) => {
        if (entry.kind === 'cleared' || (entry.kind === 'hidden' && entry.cleared)) return [entry.base.seq]
        return []
      }),
    ])
    const deleted = new Set(ever.flatMap((entry) => (entry.kind === 'deleted' ? entry.seqs : [])))
    const all = said.flatMap((entry) => (entry.kind === 'message' ? [entry.message] : []))
    // Who was named before he came was none of those it was for.
    const notMeant = this.#notMeant(userId, conversationId)
    const now = new Corrections(said)
    const messages = all
      .filter(({ seq }) => seq > clearedSeq && !deleted.has(seq) && !notMeant.has(seq))
      .map((message) => now.asItIs(message))
    const waiting = messages.filter(
      ({ message, isRevoked }) =>
        message.senderId !== userId && !isRevoked && message.seq > highest([joinedSeq, readSeq, hiddenSeq]),
    )
    const remind = own.flatMap((entry) => (entry.kind === 'remind' ? [entry.remind] : [])).at(-1) ?? 'notify'
    const isSilenced = remind === 'discard' || remind === 'discard-except-at'
    return {
      conversationId,
      messages,
      lastSeq: highest([joinedSeq, ...all.map(({ seq }) => seq)]),
      readSeq,
      peerReadSeq: highest(peerReads.map((entry) => entry.base.seq)),
      clearedSeq,
      hiddenSeq,
      pinnedAtMs: own.reduce<number | null>((at, entry) => (entry.kind === 'pinned' ? entry.pinnedAtMs : at), null),
      remind,
      unread: isSilenced ? 0 : waiting.filter(({ message }) => message.uncounted !== true).length,
      mentions: all
        .filter((message) => message.seq > highest([joinedSeq, readSeq, hiddenSeq, clearedSeq]))
        .filter((message) => message.senderId !== userId && !now.asItIs(message).isRevoked)
        .filter(({ mentions }) => mentions !== undefined && (mentions.all || mentions.userIds.includes(userId)))
        .map(({ seq }) => seq),
    }
  }

  #notMeant(userId: UserId, conversationId: ConversationId): ReadonlySet<number> {
    const targeted = this.of(`c:${conversationId}` as TimelineId).flatMap(({ entry, offset }) =>
      entry.kind === 'message' && entry.message.receiverIds !== undefined ? [{ message: entry.message, offset }] : [],
    )
    const others = targeted.filter(({ message, offset }) => {
      const isMeant = isFor(message, userId) && this.groups.wasIn(conversationId, userId, offset)
      return !isMeant && message.senderId !== userId
    })
    return new Set(others.map(({ message }) => message.seq))
  }

  /** What `stateDigest()` of every device of this user must be. */
  digest(userId: UserId): string {
    const rows = this.conversationsOf(userId)
      .map((conversationId) => this.view(userId, conversationId))
      .filter((view) => view.lastSeq > 0 || view.pinnedAtMs !== null || this.groups.isOne(view.conversationId))
      .map((view) => {
        const last = view.messages.filter(({ message }) => message.notLast !== true).at(-1)
        return [
          view.conversationId,
          view.lastSeq,
          last?.message.id ?? null,
          last?.isRevoked ?? false,
          last?.version ?? 0,
          view.unread,
          view.readSeq,
          view.peerReadSeq,
          view.clearedSeq,
          view.hiddenSeq,
          view.pinnedAtMs,
          view.remind,
          view.mentions,
          this.groups.isOne(view.conversationId) ? this.groups.digest(view.conversationId, userId) : null,
        ] as const
      })
    return JSON.stringify(rows.sort((a, b) => (a[0] < b[0] ? -1 : 1)))
  }
}

/** Whether a conversation of which the id names the members is this user's. */
export function isOf(id: ConversationId, userId: UserId): boolean {
  return id.split(':').slice(1).includes(encodeURIComponent(userId))
}

/** Whether a message is for this user: for everybody, or for him by name. */
export function isFor({ receiverIds, senderId }: MessageOf, userId: UserId): boolean {
  return receiverIds === undefined || senderId === userId || receiverIds.includes(userId)
}

/** The text of what was said. */
export function textIn(elements: MessageOf['elements']): string {
  const [element] = elements
  return element?.type === 'text' ? element.text : ''
}

function isAbout(entry: Entry, conversationId: ConversationId): boolean {
  if ('conversationIds' in entry) return entry.conversationIds.includes(conversationId)
  return 'conversationId' in entry && entry.conversationId === conversationId
}

/** What was taken back and what was changed in a conversation. */
class Corrections {
  readonly #revoked = new Set<number>()
  readonly #changed = new Map<number, Extract<Entry, { kind: 'modified' }>>()

  constructor(said: readonly Entry[]) {
    for (const entry of said) {
      if (entry.kind === 'revoked') this.#revoked.add(entry.seq)
      if (entry.kind === 'modified') this.#changed.set(entry.seq, entry)
    }
  }

  asItIs(message: MessageOf): SeenMessage {
    const change = this.#changed.get(message.seq)
    return {
      message,
      isRevoked: this.#revoked.has(message.seq),
      text: textIn((change ?? message).elements),
      version: change?.version ?? 0,
    }
  }
}

function highest(numbers: readonly number[]): number {
  return numbers.reduce((most, one) => Math.max(most, one), 0)
}
