import { conversationTimeline, LIMITS, userTimeline, type ConversationId, type UserId } from '@hongyan/protocol'
import { FOREIGN } from '../ledger/conversation-log.ts'
import { Track } from '../ledger/track.ts'
import type { Books } from '../ledger/books.ts'
import type { Meter } from '../measure/meter.ts'
import { identityOf } from '../wire/mark.ts'
import type { Push, PushReader } from '../wire/push-frame.ts'
import type { Clock } from '../run/timers.ts'
import type { Conversation } from './conversation.ts'
import type { Room } from './room.ts'

/** One conversation of the run as one client follows it. */
export class Place {
  readonly conversation: Conversation
  readonly track = new Track()
  /** Own messages so far. */
  number = 0
  lastSeq = 0
  readSeq = 0
  /** The client wanted to read, and there was nothing yet: it reads as soon as something comes. */
  owesRead = false
  /** Messages that want a receipt and have none yet. */
  wanting: number[] | undefined
  /** Sends that wait until the one before them is answered; undefined when none is on its way. */
  sending: (() => void)[] | undefined
  /** For live rooms: whether the client wants to be there, over all its connections. */
  wantsRoom = false
  /** What was heard since it came in; undefined while it is not there. */
  room: Room | undefined

  constructor(conversation: Conversation) {
    this.conversation = conversation
  }
}

export interface FollowingPorts {
  readonly clock: Clock
  readonly meter: Meter
  readonly books: Books
  readonly reader: PushReader
  readonly find: (timeline: string) => Conversation | undefined
  /** Since when the client has been up to date without a break; undefined while it is not. */
  readonly readySinceMs: () => number | undefined
  /** Asks for the entries after this; they come back by `pulled`. */
  readonly pull: (timeline: string, after: number) => void
  /** Something has come that the client wanted to read before. */
  readonly onAwaited: (place: Place) => void
}

/** Messages wanting receipts that a place remembers. */
const MAX_WANTING = LIMITS.receiptsPerRequest

interface Entries {
  readonly entries: readonly { readonly offset: number; readonly entry: object }[]
  readonly more: boolean
}

/**
 * Everything one client follows: the user's own timeline, the conversations of the run, and others the user may have. Keeps
 * the protocol's rules ([PUSH-1] … [PUSH-3]) and tells the books what it sees.
 */
export class Following {
  readonly places: readonly Place[]
  readonly user = new Track()
  epoch: string | undefined
  readonly #ports: FollowingPorts
  readonly #userTimeline: string
  readonly #me: number
  #others: Map<string, Track> | undefined

  constructor(me: number, userId: UserId, places: readonly Place[], ports: FollowingPorts) {
    this.#me = me
    this.#userTimeline = userTimeline(userId)
    this.places = places
    this.#ports = ports
  }

  placeOf(conversation: Conversation): Place | undefined {
    for (const place of this.places) if (place.conversation === conversation) return place
    return undefined
  }

  /** Where everything stands, the user's own timeline last. */
  cursors(): { readonly timeline: string; readonly offset: number }[] {
    const stored = this.places.filter(
      ({ conversation, track }) => conversation.planned.kind !== 'room' && track.cursor >= 0,
    )
    return [
      ...stored.map(({ conversation, track }) => ({ timeline: conversation.timeline, offset: track.cursor })),
      ...[...(this.#others ?? [])].map(([timeline, { cursor }]) => ({ timeline, offset: cursor })),
      { timeline: this.#userTimeline, offset: Math.max(0, this.user.cursor) },
    ]
  }

  /** A connection begins. */
  begin(): void {
    this.user.begin()
    for (const { track } of this.places) track.begin()
    for (const track of this.#others?.values() ?? []) track.begin()
  }

  /** A snapshot says where a conversation stands. */
  placeAt(
    conversationId: string,
    state: { readonly offset: number; readonly lastSeq: number; readonly readSeq: number },
  ): void {
    const timeline = conversationTimeline(conversationId as ConversationId)
    const conversation = this.#ports.find(timeline)
    const place = conversation && this.placeOf(conversation)
    if (!place) return this.#place(this.#otherTrack(timeline), state.offset)
    const before = place.track.cursor
    // What a new state stands for instead of entries was told in no order, so the books cannot vouch for it.
    if (before >= 0 && state.offset > before) this.#ports.books.skippedByReset += state.offset - before
    if (before > state.offset) return
    place.conversation.log.passed(Math.max(0, before), state.offset)
    this.#place(place.track, state.offset)
    place.lastSeq = Math.max(place.lastSeq, state.lastSeq)
    place.readSeq = Math.max(place.readSeq, state.readSeq)
  }

  /** A snapshot says where the user's own timeline stands. */
  placeUser(offset: number): void {
    if (this.user.cursor < offset) this.#place(this.user, offset)
  }

  /** The first snapshot is complete: a conversation of the run that it does not name has not begun. */
  placeRest(): void {
    for (const { conversation, track } of this.places) {
      if (track.cursor < 0 && conversation.planned.kind === 'pair') this.#place(track, 0)
    }
  }

  /** No longer the user's, or forgotten with the epoch. */
  forgetAll(): void {
    this.user.cursor = -1
    this.#others = undefined
    for (const { track } of this.places) track.cursor = -1
  }

  onPush(bytes: Buffer, start: number, end: number): void {
    const push = this.#ports.reader.read(bytes, start, end)
    if (!push) return
    if (push.isNumbered) this.#offer(push)
    else this.#onVolatile(push)
  }

  /** The answer to a pull. */
  pulled(timeline: string, reply: Entries | undefined): void {
    const track = this.#trackOf(timeline)
    track.isPulling = false
    if (!reply) return
    for (const { offset, entry } of reply.entries) {
      if (offset === track.cursor + 1) this.#apply(track, this.#ports.reader.pulled(timeline, offset, entry))
    }
    this.#drain(track)
    if (track.hasHeld || reply.more) this.#pull(timeline, track)
  }

  #place(track: Track, offset: number): void {
    for (const push of track.place(offset)) this.#offer(push)
  }

  #offer(push: Push): void {
    const track = this.#trackOf(push.timeline)
    if (track.cursor < 0) return track.keepEarly(kept(push))
    const { books } = this.#ports
    const missing = track.missing
    const arrival = track.meet(push.offset)
    books.gaps += track.missing - missing
    if (arrival === 'doubled') books.doubled++
    else if (arrival === 'reordered') books.reordered++
    if (arrival === 'next' || (arrival === 'reordered' && push.offset === track.cursor + 1)) {
      this.#apply(track, push)
      if (track.hasHeld) this.#drain(track)
    } else if (arrival === 'gap') {
      track.hold(kept(push))
      this.#pull(push.timeline, track)
    }
  }

  #drain(track: Track): void {
    for (let push = track.takeHeld(); push; push = track.takeHeld()) this.#apply(track, push)
  }

  #pull(timeline: string, track: Track): void {
    if (track.isPulling) return
    track.isPulling = true
    this.#ports.pull(timeline, Math.max(0, track.cursor))
  }

  #trackOf(timeline: string): Track {
    if (timeline === this.#userTimeline) return this.user
    const conversation = this.#ports.find(timeline)
    return (conversation && this.placeOf(conversation))?.track ?? this.#otherTrack(timeline)
  }

  #otherTrack(timeline: string): Track {
    this.#others ??= new Map()
    const known = this.#others.get(timeline)
    if (known) return known
    const made = new Track()
    made.place(0)
    this.#others.set(timeline, made)
    return made
  }

  #apply(track: Track, push: Push): void {
    track.cursor = push.offset
    if (track === this.user) return this.#applyOwn(push)
    const conversation = this.#ports.find(push.timeline)
    const place = conversation && this.placeOf(conversation)
    if (!place) return
    const { log } = place.conversation
    const { mark } = push
    log.see(push.offset, mark ? identityOf(mark) : FOREIGN)
    log.passed(push.offset - 1, push.offset)
    if (push.kind !== 'message') return
    place.lastSeq = push.seq
    if (!mark) return
    this.#ports.books.delivered++
    if (mark.sender !== this.#me) this.#onMessage(place, push, mark)
  }

  #onMessage(place: Place, push: Push, { dueMs, flags }: { readonly dueMs: number; readonly flags: string }): void {
    // Who was away when it was due is told later, and that is as it should be.
    const sinceMs = this.#ports.readySinceMs()
    if (dueMs > 0 && sinceMs !== undefined && sinceMs <= dueMs) {
      this.#ports.meter.time('delivered', this.#ports.clock() - dueMs)
    } else this.#ports.meter.count('delivered by catching up')
    if (flags.includes('r')) {
      place.wanting ??= []
      if (place.wanting.length < MAX_WANTING) place.wanting.push(push.seq)
    }
    if (flags.includes('f')) noteFile(place.conversation, push)
    if (place.owesRead) this.#ports.onAwaited(place)
  }

  /** The user's own timeline says that he is in a conversation now. */
  #applyOwn(push: Push): void {
    if (push.kind !== 'joined') return
    const { conversationId, offset = 0 } = push.entry() as {
      readonly conversationId?: string
      readonly offset?: number
    }
    const track = this.#trackOf(conversationTimeline((conversationId ?? '') as ConversationId))
    if (track.cursor < offset) this.#place(track, offset)
  }

  #onVolatile(push: Push): void {
    if (push.kind === 'receipt-counts') return this.#ports.meter.count('receipt counts told')
    const conversation = this.#ports.find(push.timeline)
    const place = conversation && this.placeOf(conversation)
    if (!place?.room || !push.mark) return
    const { books, meter, clock } = this.#ports
    place.room.hear(push.mark, books)
    if (push.mark.sender !== this.#me) meter.time('heard', clock() - push.mark.dueMs)
  }
}

/** The push without the bytes it came in, which are gone after this turn. */
function kept(push: Push): Push {
  const entry = push.entry()
  return { ...push, entry: () => entry }
}

function noteFile(conversation: Conversation, push: Push): void {
  const { message } = push.entry() as {
    readonly message?: { readonly elements?: readonly { readonly fileId?: string; readonly bytes?: number }[] }
  }
  const element = message?.elements?.find(({ fileId }) => fileId !== undefined)
  if (element?.fileId === undefined || conversation.file?.fileId === element.fileId) return
  conversation.file = { fileId: element.fileId, bytes: element.bytes ?? 0 }
}
