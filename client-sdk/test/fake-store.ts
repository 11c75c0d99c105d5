import {
  CLOSE,
  conversationTimeline,
  EntrySchema,
  parseConversationId,
  peerOf,
  PROTOCOL_VERSION,
  SYSTEM_USER_ID,
  systemConversationId,
  userTimeline,
  type About,
  type ConversationId,
  type ConversationState,
  type Entry,
  type ErrorName,
  type Group,
  type Mention,
  type Message,
  type Notice,
  type Offset,
  type Profile,
  type Remind,
  type ReplyOf,
  type RequestOf,
  type Seq,
  type TimelineId,
  type Tip,
  type UserId,
  type UserProfile,
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
  remind: Remind
  role: 'owner' | 'admin' | 'member'
  nameCard: string
  mutedUntilMs: number
  joinedAtMs: number
  joinedOffset: Offset
  joinedSeq: Seq
}

export interface Room {
  readonly id: ConversationId
  readonly messages: Message[]
  readonly members: Map<UserId, Marks>
  /** Without what is counted. */
  group?: Omit<Group, 'memberCount'>
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
  /** The newest wire that it speaks; what it says is as of 3 or of this version. */
  protocolVersion: number = PROTOCOL_VERSION
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

  /** What this user gets of an entry of a conversation; undefined when the conversation is no longer his there. */
  shownTo(userId: UserId, entry: Entry, id: ConversationId): Entry | undefined {
    const room = this.data.rooms.get(id)
    const seq = 'seq' in entry ? entry.seq : entry.kind === 'message' ? entry.message.seq : 0
    if (entry.kind === 'message') {
      for (const element of entry.message.elements) {
        if (element.type !== 'tip' || (element.tip.op !== 'quit' && element.tip.op !== 'kicked')) continue
        if (element.tip.users.some((person) => person.userId === userId)) return undefined
      }
    }
    const message = room?.messages[seq - 1]
    const isShown = seq === 0 || message === undefined || isFor(userId, message)
    return isShown ? entry : { kind: 'skipped', seq: entry.kind === 'message' ? seq : 0 }
  }

  profile(userId: UserId): Profile {
    const user = this.users.get(userId)
    if (user === undefined) throw new Refusal('NO_SUCH_USER')
    return { userId, nick: user.nick, avatar: user.avatar }
  }

  userProfile(userId: UserId): UserProfile {
    return { ...this.profile(userId), details: {}, changedAtMs: 0 }
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
    const peer = parts?.type === 'c2c' ? peerOf(parts, me) : undefined
    if (parts?.type !== 'c2c' || peer === undefined) throw new Refusal('NOT_A_MEMBER')
    this.profile(peer)
    const room: Room = { id, messages: [], members: new Map(parts.users.map((user) => [user, newMarks()])) }
    this.data.rooms.set(id, room)
    for (const user of new Set(parts.users)) this.tellJoined(room, user)
    return room
  }

  /** He is a member from here on. */
  addMember(room: Room, userId: UserId, role: Marks['role']): void {
    const seq = room.messages.length
    const base = { seq, countable: room.messages.filter(isCountable).length, own: 0 }
    const hasHistory = room.group?.type === 'meeting' || room.group?.type === 'community'
    const joined = { joinedSeq: seq, joinedOffset: this.timeline(conversationTimeline(room.id)).length }
    const clearedSeq = hasHistory ? 0 : seq
    const joinedAtMs = this.nextMs()
    room.members.set(userId, { ...newMarks(), ...joined, base, readSeq: seq, clearedSeq, role, joinedAtMs })
  }

  tellJoined(room: Room, userId: UserId): void {
    const { joinedOffset: offset, base } = marksOf(room, userId)
    const { seq, countable } = base
    this.append(userTimeline(userId), { kind: 'joined', conversationId: room.id, offset, seq, countable })
  }

  /** The server says something itself. */
  say(room: Room, element: { type: 'tip'; tip: Tip } | Notice): void {
    const seq = room.messages.length + 1
    const message: Message = {
      id: `1-${room.id}-${seq}`,
      conversationId: room.id,
      senderId: SYSTEM_USER_ID,
      sentAtMs: this.nextMs(),
      elements: [element],
      seq,
      countable: room.messages.filter(isCountable).length + 1,
    }
    room.messages.push(message)
    this.append(conversationTimeline(room.id), { kind: 'message', message: structuredClone(message) })
  }

  /** Tells a user something in his own conversation with the server. */
  notify(userId: UserId, notice: Notice): void {
    const id = systemConversationId(userId)
    const known = this.data.rooms.get(id)
    const room: Room = known ?? { id, messages: [], members: new Map([[userId, newMarks()]]) }
    this.data.rooms.set(id, room)
    if (known === undefined) this.tellJoined(room, userId)
    this.say(room, notice)
  }

  nextMs(): number {
    this.lastSentAtMs = Math.max(this.clock.now(), this.lastSentAtMs + 1)
    return this.lastSentAtMs
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
    const { mutedUntilMs, nameCard } = marksOf(room, me)
    if (mutedUntilMs > this.clock.now()) throw new Refusal('MUTED')
    const user = this.users.get(me)
    const message: Message = {
      ...draft,
      id: `${user?.tinyId ?? ''}-${clientMsgId}`,
      conversationId,
      senderId: me,
      ...(user === undefined ? {} : { senderNick: user.nick }),
      ...(nameCard === '' ? {} : { senderCard: nameCard }),
      sentAtMs: this.nextMs(),
      seq: room.messages.length + 1,
      countable: room.messages.filter(isCountable).length + (isCountable(draft) ? 1 : 0),
    }
    room.messages.push(message)
    const offset = this.timeline(conversationTimeline(conversationId)).length + 1
    const reply = { seq: message.seq, offset, sentAtMs: message.sentAtMs, countable: message.countable }
    this.data.sent.set(`${me} ${clientMsgId}`, { print, reply })
    this.append(conversationTimeline(conversationId), { kind: 'message', message })
    return reply
  }

  baseAt(room: Room, me: UserId, seq: Seq): Marks['base'] {
    const { joinedSeq } = marksOf(room, me)
    const before = room.messages.filter((message) => message.seq <= seq && isCountable(message))
    const own = before.filter((message) => message.senderId === me && message.seq > joinedSeq)
    return { seq, countable: before.length, own: own.length }
  }

  raiseBase(room: Room, me: UserId, seq: Seq): Marks['base'] {
    const marks = marksOf(room, me)
    if (seq > marks.base.seq) marks.base = this.baseAt(room, me, seq)
    return this.baseAt(room, me, seq)
  }

  /** The conversation by counting. */
  state(room: Room, me: UserId): ConversationState {
    const marks = marksOf(room, me)
    const about = this.about(room, me)
    const peerMarks = about.type === 'c2c' ? marksOf(room, about.peer.userId) : undefined
    const all = this.baseAt(room, me, room.messages.length)
    const shown = room.messages.filter(
      (one) => one.seq > marks.clearedSeq && !marks.deleted.has(one.seq) && !one.notLast && isFor(me, one),
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
      peerReadSeq: peerMarks?.readSeq ?? 0,
      peerReadAtMs: peerMarks?.readAtMs ?? 0,
      clearedSeq: marks.clearedSeq,
      hiddenSeq: marks.hiddenSeq,
      ...(marks.pinnedAtMs === undefined ? {} : { pinnedAtMs: marks.pinnedAtMs }),
      ...(last === undefined ? {} : { lastMessage: structuredClone(last) }),
      about,
      remind: marks.remind,
      mentions: about.type === 'group' ? room.messages.flatMap((one) => mentionIn(one, marks, me)) : [],
    }
  }

  about(room: Room, me: UserId): About {
    const { role, nameCard, joinedAtMs, mutedUntilMs } = marksOf(room, me)
    if (room.group !== undefined) {
      const group = { ...room.group, memberCount: room.members.size }
      return { type: 'group', group, self: { role, nameCard, joinedAtMs, mutedUntilMs, custom: [] } }
    }
    const parts = parseConversationId(room.id)
    return parts?.type === 'c2c' ? { type: 'c2c', peer: this.profile(peerOf(parts, me) ?? me) } : { type: 'system' }
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
          (one) =>
            one.seq > marks.base.seq &&
            one.senderId !== me &&
            isCountable(one) &&
            !one.revoked &&
            !marks.deleted.has(one.seq),
        )
        return { ...state, unread: marks.remind.startsWith('discard') ? 0 : waiting.length, isVisible: true }
      }),
    )
  }

  private isUncounted(message: Message, marks: Marks, me: UserId): boolean {
    const counts = message.senderId !== me && isCountable(message) && message.seq > marks.base.seq
    return counts && (message.revoked !== undefined || marks.deleted.has(message.seq))
  }
}

function isCountable(message: Pick<Message, 'uncounted' | 'receiverIds'>): boolean {
  return message.uncounted !== true && message.receiverIds === undefined
}

/** Whether he may see it, as far as its receivers say. */
export function isFor(userId: UserId, { senderId, receiverIds }: Message): boolean {
  return receiverIds === undefined || senderId === userId || receiverIds.includes(userId)
}

function mentionIn(message: Message, { base }: Marks, me: UserId): Mention[] {
  const { seq, senderId, mentions, receiverIds, revoked } = message
  if (!mentions || seq <= base.seq || senderId === me || receiverIds || revoked) return []
  const isMine = mentions.userIds.includes(me)
  if (isMine) return [{ seq, senderId, who: mentions.all ? 'both' : 'me' }]
  return mentions.all ? [{ seq, senderId, who: 'all' }] : []
}

/** A member's marks; refused for a stranger. */
export function marksOf(room: Room, me: UserId): Marks {
  const marks = room.members.get(me)
  if (marks === undefined) throw new Refusal('NOT_A_MEMBER')
  return marks
}

export function newMarks(): Marks {
  return {
    base: { seq: 0, countable: 0, own: 0 },
    readSeq: 0,
    readAtMs: 0,
    clearedSeq: 0,
    hiddenSeq: 0,
    pinnedAtMs: undefined,
    deleted: new Set(),
    remind: 'notify',
    role: 'member',
    nameCard: '',
    mutedUntilMs: 0,
    joinedAtMs: 0,
    joinedOffset: 0,
    joinedSeq: 0,
  }
}
