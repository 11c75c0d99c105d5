import {
  CLOSE,
  conversationTimeline,
  EntrySchema,
  parseConversationId,
  peerOf,
  userTimeline,
  type ConversationId,
  type ConversationState,
  type Entry,
  type ErrorName,
  type Message,
  type Offset,
  type Profile,
  type ReplyOf,
  type RequestOf,
  type Seq,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import type { TSchema } from 'typebox'
import Value from 'typebox/value'
import { digestOf } from '../src/core/digest.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A session as the commands see it. */
export interface Caller {
  userId: UserId | undefined
  instanceId: string
  loginKey: number
  /** Followed as soon as the reply is out. */
  readonly toFollow: [TimelineId, Offset][]
  followNow(timeline: TimelineId, after: Offset): void
  deliver(timeline: TimelineId): void
  transmit(frame: object): void
  close(code: number): void
}

export interface Marks {
  base: { seq: Seq; countable: number; own: number }
  readSeq: Seq
  readAtMs: number
  clearedSeq: Seq
  hiddenSeq: Seq
  pinnedAtMs: number | undefined
  deleted: Set<Seq>
}

export interface Room {
  readonly id: ConversationId
  readonly messages: Message[]
  readonly members: Map<UserId, Marks>
}

/** Everything a restore brings back. */
export interface Data {
  timelines: Map<TimelineId, Entry[]>
  rooms: Map<ConversationId, Room>
  sent: Map<string, { print: string; reply: ReplyOf<'message.send'> }>
}

export class Refusal extends Error {
  readonly code: ErrorName
  constructor(code: ErrorName) {
    super(code)
    this.code = code
  }
}

/**
 * What an honest server knows: numbers, idempotency and timelines as the protocol says, everything else by the most naive
 * count.
 */
export class FakeStore {
  epoch = 'epoch-1'
  data: Data = { timelines: new Map(), rooms: new Map(), sent: new Map() }
  /** Frames that break the protocol, in words; must stay empty. */
  readonly violations: string[] = []
  readonly requests: { readonly userId: UserId | undefined; readonly command: string; readonly body: unknown }[] = []
  readonly clock: VirtualClock
  readonly random: () => number
  readonly users = new Map<UserId, { readonly tinyId: string; readonly nick: string; readonly avatar: string }>()
  readonly logins = new Map<string, number>()
  readonly sessions = new Set<Caller>()
  /** Further behind than this: reset. */
  catchUpEntries = 1000
  pageSize = 100
  /** Answers to what is not sync are late by up to this. */
  lateMs = 0
  /** Probability of BUSY. */
  busy = 0
  private lastLoginKey = 0
  private lastSentAtMs = 0

  constructor(clock: VirtualClock, random: () => number, userIds: readonly UserId[]) {
    this.clock = clock
    this.random = random
    for (const [index, id] of userIds.entries())
      this.users.set(id, { tinyId: `${100001 + index}`, nick: `n-${id}`, avatar: '' })
  }

  /** Closes every connection of a user, or all. */
  closeAll(code: number, userId?: UserId): void {
    for (const session of [...this.sessions]) if (userId === undefined || session.userId === userId) session.close(code)
  }

  /** What a backup would hold. */
  backUp(): Data {
    return structuredClone(this.data)
  }

  /** Goes back to a backup, as an operator must: under a new epoch. */
  restore(data: Data): void {
    this.data = structuredClone(data)
    this.epoch = `${this.epoch}+`
    this.closeAll(CLOSE.EPOCH_CHANGED)
  }

  nextLoginKey(): number {
    return ++this.lastLoginKey
  }

  timeline(id: TimelineId): Entry[] {
    const entries = this.data.timelines.get(id) ?? []
    this.data.timelines.set(id, entries)
    return entries
  }

  append(id: TimelineId, entry: Entry): Offset {
    if (!Value.Check(EntrySchema as TSchema, entry))
      this.violations.push(`server made a bad entry ${JSON.stringify(entry)}`)
    const offset = this.timeline(id).push(entry)
    for (const session of this.sessions) session.deliver(id)
    return offset
  }

  profile(userId: UserId): Profile {
    const user = this.users.get(userId)
    if (user === undefined) throw new Refusal('NO_SUCH_USER')
    return { userId, nick: user.nick, avatar: user.avatar }
  }

  room(id: ConversationId, me: UserId): Room {
    const room = this.data.rooms.get(id)
    if (room === undefined) throw new Refusal('NO_SUCH_CONVERSATION')
    if (!room.members.has(me)) throw new Refusal('NOT_A_MEMBER')
    return room
  }

  /** The room of two existing users, made if need be. */
  makeRoom(id: ConversationId, me: UserId): Room {
    const known = this.data.rooms.get(id)
    if (known !== undefined) return known
    const parts = parseConversationId(id)
    const peer = parts === undefined ? undefined : peerOf(parts, me)
    if (parts === undefined || peer === undefined) throw new Refusal('NOT_A_MEMBER')
    this.profile(peer)
    const room: Room = { id, messages: [], members: new Map(parts.users.map((user) => [user, newMarks()])) }
    this.data.rooms.set(id, room)
    for (const user of new Set(parts.users)) this.append(userTimeline(user), { kind: 'joined', conversationId: id })
    return room
  }

  send(me: UserId, body: RequestOf<'message.send'>): ReplyOf<'message.send'> {
    const { conversationId, clientMsgId, ...draft } = body
    if (draft.elements.some((element) => element.type === 'text' && element.text.includes('poison'))) {
      throw new Refusal('BAD_TEXT')
    }
    const print = JSON.stringify([conversationId, draft])
    const earlier = this.data.sent.get(`${me} ${clientMsgId}`)
    if (earlier !== undefined) {
      if (earlier.print !== print) throw new Refusal('IDEMPOTENCY_CONFLICT')
      return earlier.reply
    }
    const room = this.makeRoom(conversationId, me)
    const user = this.users.get(me)
    this.lastSentAtMs = Math.max(this.clock.now(), this.lastSentAtMs + 1)
    const message: Message = {
      ...draft,
      id: `${user?.tinyId ?? ''}-${clientMsgId}`,
      conversationId,
      senderId: me,
      ...(user === undefined ? {} : { senderNick: user.nick }),
      sentAtMs: this.lastSentAtMs,
      seq: room.messages.length + 1,
      countable: room.messages.filter((other) => !other.uncounted).length + (draft.uncounted === true ? 0 : 1),
    }
    room.messages.push(message)
    const offset = this.timeline(conversationTimeline(conversationId)).length + 1
    const reply = { seq: message.seq, offset, sentAtMs: message.sentAtMs, countable: message.countable }
    this.data.sent.set(`${me} ${clientMsgId}`, { print, reply })
    this.append(conversationTimeline(conversationId), { kind: 'message', message })
    return reply
  }

  baseAt(room: Room, me: UserId, seq: Seq): Marks['base'] {
    const before = room.messages.filter((message) => message.seq <= seq && message.uncounted !== true)
    return { seq, countable: before.length, own: before.filter((message) => message.senderId === me).length }
  }

  raiseBase(room: Room, me: UserId, seq: Seq): Marks['base'] {
    const marks = marksOf(room, me)
    if (seq > marks.base.seq) marks.base = this.baseAt(room, me, seq)
    return this.baseAt(room, me, seq)
  }

  /** The conversation by counting. */
  state(room: Room, me: UserId): ConversationState {
    const marks = marksOf(room, me)
    const parts = parseConversationId(room.id)
    const peer = (parts && peerOf(parts, me)) ?? me
    const peerMarks = marksOf(room, peer)
    const all = this.baseAt(room, me, room.messages.length)
    const shown = room.messages.filter(
      ({ seq, notLast }) => seq > marks.clearedSeq && !marks.deleted.has(seq) && !notLast,
    )
    const last = shown[shown.length - 1]
    return {
      conversationId: room.id,
      offset: this.timeline(conversationTimeline(room.id)).length,
      lastSeq: room.messages.length,
      countable: all.countable,
      own: all.own,
      base: { ...marks.base },
      uncounted: room.messages.filter((message) => this.isUncounted(message, marks, me)).map(({ seq }) => seq),
      readSeq: marks.readSeq,
      peerReadSeq: peerMarks.readSeq,
      peerReadAtMs: peerMarks.readAtMs,
      clearedSeq: marks.clearedSeq,
      hiddenSeq: marks.hiddenSeq,
      ...(marks.pinnedAtMs === undefined ? {} : { pinnedAtMs: marks.pinnedAtMs }),
      ...(last === undefined ? {} : { lastMessage: structuredClone(last) }),
      peer: this.profile(peer),
    }
  }

  roomsOf(me: UserId): Room[] {
    return [...this.data.rooms.values()].filter(({ members }) => members.has(me))
  }

  /** What a device of this user should believe, by the most naive count. */
  digest(me: UserId): string {
    return digestOf(
      this.roomsOf(me).map((room) => {
        const state = this.state(room, me)
        const marks = marksOf(room, me)
        const waiting = room.messages.filter(
          ({ seq, senderId, uncounted, revoked }) =>
            seq > marks.base.seq && senderId !== me && !uncounted && !revoked && !marks.deleted.has(seq),
        )
        return { ...state, unread: waiting.length, isVisible: true }
      }),
    )
  }

  private isUncounted(message: Message, marks: Marks, me: UserId): boolean {
    const isCountable = message.senderId !== me && message.uncounted !== true && message.seq > marks.base.seq
    return isCountable && (message.revoked !== undefined || marks.deleted.has(message.seq))
  }
}

/** A member's marks; refused for a stranger. */
export function marksOf(room: Room, me: UserId): Marks {
  const marks = room.members.get(me)
  if (marks === undefined) throw new Refusal('NOT_A_MEMBER')
  return marks
}

export function newMarks(): Marks {
  const base = { seq: 0, countable: 0, own: 0 }
  return { base, readSeq: 0, readAtMs: 0, clearedSeq: 0, hiddenSeq: 0, pinnedAtMs: undefined, deleted: new Set() }
}
