import {
  CLOSE,
  COMMANDS,
  conversationTimeline,
  EntrySchema,
  ERRORS,
  parseConversationId,
  peerOf,
  userTimeline,
  type CommandName,
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
import { marksOf, newMarks, Refusal, type Data, type Marks, type Room } from './fake-data.ts'
import { HANDLERS } from './fake-handlers.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** The server's end of a socket. */
export interface ServerLink {
  send(text: string): void
  close(code: number): void
}

/**
 * An honest server in memory: numbering, idempotency, timelines, following and resuming as the protocol says, everything
 * else by the most naive count. It checks each request, and each of its own answers, against the real schemas.
 */
export class FakeServer {
  epoch = 'epoch-1'
  data: Data = { timelines: new Map(), rooms: new Map(), sent: new Map() }
  /** Frames that break the protocol, in words; must stay empty. */
  readonly violations: string[] = []
  readonly requests: { readonly userId: UserId | undefined; readonly command: string; readonly body: unknown }[] = []
  readonly clock: VirtualClock
  readonly random: () => number
  readonly users = new Map<UserId, { readonly tinyId: string; readonly nick: string; readonly avatar: string }>()
  readonly logins = new Map<string, number>()
  readonly sessions = new Set<FakeSession>()
  /** Further behind than this: reset. */
  catchUpEntries = 1000
  pageSize = 100
  /** Answers to what is not sync are late by up to this. */
  lateMs = 0
  /** Probability of BUSY. */
  busy = 0
  /** Answers by hand: returning true means the request is not handled. */
  intercept: (session: FakeSession, command: string, id: number, body: unknown) => boolean = () => false
  private lastLoginKey = 0
  private lastSentAtMs = 0

  constructor(clock: VirtualClock, random: () => number, userIds: readonly UserId[]) {
    this.clock = clock
    this.random = random
    for (const [index, id] of userIds.entries())
      this.users.set(id, { tinyId: `${100001 + index}`, nick: `n-${id}`, avatar: '' })
  }

  accept(link: ServerLink): FakeSession {
    const session = new FakeSession(this, link)
    this.sessions.add(session)
    return session
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

/** One connection at the server. */
export class FakeSession {
  userId: UserId | undefined
  instanceId = ''
  loginKey = 0
  private readonly server: FakeServer
  private readonly link: ServerLink
  private readonly sentUpTo = new Map<TimelineId, Offset>()
  private readonly pendingIds = new Set<number>()
  private isGone = false

  constructor(server: FakeServer, link: ServerLink) {
    this.server = server
    this.link = link
  }

  close(code: number): void {
    this.onClosed()
    this.link.close(code)
  }

  onClosed(): void {
    this.isGone = true
    this.server.sessions.delete(this)
  }

  transmit(frame: object): void {
    if (!this.isGone) this.link.send(JSON.stringify(frame))
  }

  onText(text: string): void {
    if (this.isGone) return
    const frame = JSON.parse(text) as { type: string; id: number; command: string; body: unknown }
    if (frame.type === 'ping') return this.transmit({ type: 'pong' })
    if (frame.type === 'pong') return
    if (frame.type !== 'request') return this.violate(`frame of type ${frame.type}`)
    if (new TextEncoder().encode(text).length > 64 * 1024) return this.violate('a frame above 64 KB')
    if (this.pendingIds.has(frame.id) || frame.id < 1) return this.violate(`request id ${frame.id}`)
    if (this.userId === undefined && frame.command !== 'session.open')
      return this.violate(`first request ${frame.command}`)
    this.serve(frame.command, frame.id, frame.body)
  }

  /** Sends everything of a followed timeline that was not sent yet. */
  deliver(timeline: TimelineId): void {
    const from = this.sentUpTo.get(timeline)
    if (from === undefined || this.isGone) return
    const entries = this.server.timeline(timeline)
    for (let offset = from + 1; offset <= entries.length; offset++) {
      const entry = entries[offset - 1]
      if (entry === undefined) continue
      this.sentUpTo.set(timeline, offset)
      this.transmit({ type: 'push', timeline, offset, entry })
      if (entry.kind === 'joined') this.follow(conversationTimeline(entry.conversationId), 0)
    }
  }

  private follow(timeline: TimelineId, after: Offset): void {
    if (!this.sentUpTo.has(timeline)) this.sentUpTo.set(timeline, after)
    this.deliver(timeline)
  }

  private violate(what: string): void {
    this.server.violations.push(what)
    this.close(CLOSE.BAD_FRAME)
  }

  private serve(command: string, id: number, body: unknown): void {
    const { server } = this
    server.requests.push({ userId: this.userId, command, body })
    if (server.intercept(this, command, id, body)) return
    if (!isCommand(command)) return this.violate(`command ${command}`)
    if (!Value.Check(COMMANDS[command].request as TSchema, body)) {
      server.violations.push(`bad body of ${command}: ${JSON.stringify(body)}`)
      return this.refuse(id, 'BAD_REQUEST')
    }
    this.pendingIds.add(id)
    try {
      if (command !== 'session.open' && server.random() < server.busy) throw new Refusal('BUSY')
      const handler = HANDLERS[command] as (server: FakeServer, session: FakeSession, body: unknown) => object
      const reply = handler(server, this, body)
      if (!Value.Check(COMMANDS[command].reply as TSchema, reply))
        server.violations.push(`bad reply to ${command}: ${JSON.stringify(reply)}`)
      const isOrdered = command.startsWith('s')
      const lateMs = isOrdered ? 0 : Math.floor(server.random() * server.lateMs)
      if (lateMs === 0) this.reply(id, reply)
      else server.clock.after(lateMs, () => this.reply(id, reply))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.refuse(id, error.code)
    }
  }

  reply(id: number, body: object): void {
    this.pendingIds.delete(id)
    this.transmit({ type: 'reply', id, body })
    // Following begins behind the reply that said so.
    for (const [timeline, offset] of this.toFollow) this.follow(timeline, offset)
    this.toFollow = []
  }

  refuse(id: number, name: ErrorName): void {
    this.pendingIds.delete(id)
    const { code, retryable, text } = ERRORS[name]
    this.transmit({ type: 'error', id, error: { name, code, retryable, text } })
  }

  toFollow: [TimelineId, Offset][] = []

  followNow(timeline: TimelineId, after: Offset): void {
    this.follow(timeline, after)
  }
}

function isCommand(name: string): name is CommandName {
  return name in COMMANDS
}
