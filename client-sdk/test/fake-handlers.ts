import {
  CLOSE,
  conversationOfTimeline,
  conversationTimeline,
  parseConversationId,
  peerOf,
  userTimeline,
  VolatileEntrySchema,
  type CommandName,
  type Message,
  type ReplyOf,
  type RequestOf,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import type { TSchema } from 'typebox'
import Value from 'typebox/value'
import { marksOf, newMarks, Refusal, type Caller, type FakeStore } from './fake-store.ts'

type Handlers = {
  [Name in CommandName]: (server: FakeStore, session: Caller, body: RequestOf<Name>) => ReplyOf<Name>
}

/** What the fake server does for each command. */
export const HANDLERS: Handlers = {
  'session.open': (server, session, body) => {
    if (body.userSig === '') throw new Refusal('SIGNATURE_EMPTY')
    if (body.userSig === 'expired') throw new Refusal('SIGNATURE_EXPIRED')
    if (body.userSig !== `sig:${body.userId}`) throw new Refusal('SIGNATURE_INVALID')
    const place = `${body.userId} ${body.instanceId}`
    const known = server.logins.get(place)
    if (body.resume !== undefined && known !== body.resume) throw new Refusal('DISPLACED')
    for (const other of server.sessions) {
      if (other.userId === body.userId && other.instanceId === body.instanceId) other.close(CLOSE.REPLACED)
    }
    const loginKey = body.resume ?? server.nextLoginKey()
    server.logins.set(place, loginKey)
    session.userId = body.userId
    session.instanceId = body.instanceId
    session.loginKey = loginKey
    const { tinyId, nick, avatar } = server.users.get(body.userId) ?? { tinyId: '1', nick: '', avatar: '' }
    return { loginKey, tinyId, serverTimeMs: server.clock.now(), pingEveryMs: 25_000, nick, avatar }
  },
  'session.close': (server, session) => {
    server.logins.delete(`${mustBe(session)} ${session.instanceId}`)
    server.clock.after(1, () => session.close(CLOSE.SIGNED_OUT))
    return {}
  },
  'sync.snapshot': (server, session, body) => {
    const me = mustBe(session)
    const user = userTimeline(me)
    const userOffset = server.timeline(user).length
    const rooms = server.roomsOf(me)
    const from = Number(body.after ?? 0)
    const wanted = body.conversationIds
    const page =
      wanted === undefined ? rooms.slice(from, from + server.pageSize) : rooms.filter(({ id }) => wanted.includes(id))
    const conversations = page.map((room) => server.state(room, me))
    for (const { conversationId, offset } of conversations) {
      session.toFollow.push([conversationTimeline(conversationId), offset])
    }
    session.toFollow.push([user, userOffset])
    const hasMore = wanted === undefined && from + server.pageSize < rooms.length
    return { epoch: server.epoch, userOffset, conversations, ...(hasMore ? { next: `${from + server.pageSize}` } : {}) }
  },
  'sync.resume': (server, session, body) => {
    const me = mustBe(session)
    if (body.epoch !== server.epoch) throw new Refusal('EPOCH_CHANGED')
    const resets: TimelineId[] = []
    const gone: TimelineId[] = []
    for (const { timeline, offset } of body.cursors) {
      const id = conversationOfTimeline(timeline)
      const isOurs =
        id === undefined ? timeline === userTimeline(me) : server.data.rooms.get(id)?.members.has(me) === true
      if (!isOurs) gone.push(timeline)
      else if (server.timeline(timeline).length - offset > server.catchUpEntries) resets.push(timeline)
      else session.followNow(timeline, offset)
    }
    return { resets, gone }
  },
  'sync.pull': (server, _session, body) => {
    const entries = server.timeline(body.timeline)
    if (entries.length - body.after > server.catchUpEntries) throw new Refusal('TOO_FAR_BEHIND')
    const limit = Math.min(body.limit ?? server.pageSize, server.pageSize)
    const page = entries
      .slice(body.after, body.after + limit)
      .map((entry, index) => ({ offset: body.after + index + 1, entry }))
    return { entries: page, more: body.after + limit < entries.length }
  },
  'message.send': (server, session, body) => server.send(mustBe(session), body),
  'message.sendVolatile': (server, session, body) => {
    const me = mustBe(session)
    const parts = parseConversationId(body.conversationId)
    const { clientMsgId, ...draft } = body
    const id = `${server.users.get(me)?.tinyId ?? ''}-${clientMsgId}`
    const message = { ...draft, id, senderId: me, sentAtMs: server.clock.now() }
    const entry = { kind: 'volatile-message', message } as const
    if (!Value.Check(VolatileEntrySchema as TSchema, entry)) server.violations.push('bad volatile entry')
    for (const other of server.sessions) {
      if (other.userId === undefined || parts?.users.includes(other.userId) !== true) continue
      other.transmit({ type: 'volatile', timeline: userTimeline(other.userId), entry })
    }
    return { sentAtMs: message.sentAtMs }
  },
  'message.history': (server, session, body) => {
    const me = mustBe(session)
    const room = server.room(body.conversationId, me)
    const marks = marksOf(room, me)
    const seen = room.messages.filter(({ seq }) => seq > marks.clearedSeq && !marks.deleted.has(seq))
    const { from, direction, limit } = body
    const isBeyond = (message: Message): boolean => {
      if (from === undefined) return true
      const distance = 'seq' in from ? message.seq - from.seq : message.sentAtMs - from.atMs
      return direction === 'older' ? distance < 0 : distance > 0
    }
    const beyond = seen.filter(isBeyond)
    const messages = direction === 'older' ? beyond.slice(-limit) : beyond.slice(0, limit)
    return { messages: structuredClone(messages), isComplete: messages.length === beyond.length }
  },
  'message.revoke': (server, session, body) => {
    const me = mustBe(session)
    const room = server.room(body.conversationId, me)
    const message = room.messages[body.seq - 1]
    if (message === undefined) throw new Refusal('NO_SUCH_MESSAGE')
    if (message.senderId !== me) throw new Refusal('NOT_THE_SENDER')
    if (message.revoked !== undefined) return { atMs: message.revoked.atMs }
    const atMs = server.clock.now()
    message.elements = []
    delete message.customData
    message.revoked = { by: me, atMs, ...(body.reason === undefined ? {} : { reason: body.reason }) }
    const counted = message.uncounted !== true
    server.append(conversationTimeline(room.id), {
      kind: 'revoked',
      seq: body.seq,
      senderId: me,
      counted,
      revocation: message.revoked,
    })
    return { atMs }
  },
  'message.delete': (server, session, body) => {
    const me = mustBe(session)
    const room = server.room(body.conversationId, me)
    const marks = marksOf(room, me)
    const seqs = body.seqs.filter((seq) => seq <= room.messages.length && !marks.deleted.has(seq))
    if (seqs.length === 0) return {}
    for (const seq of seqs) marks.deleted.add(seq)
    const counted = seqs.filter((seq) => {
      const message = room.messages[seq - 1]
      return message !== undefined && message.senderId !== me && message.uncounted !== true
    })
    server.append(userTimeline(me), { kind: 'deleted', conversationId: room.id, seqs, counted })
    return {}
  },
  'receipt.read': (server, session, body) => {
    const me = mustBe(session)
    const room = server.room(body.conversationId, me)
    const marks = marksOf(room, me)
    const seq = Math.min(body.seq, room.messages.length)
    if (seq <= marks.readSeq) return { readSeq: marks.readSeq }
    marks.readSeq = seq
    marks.readAtMs = server.clock.now()
    const base = server.raiseBase(room, me, seq)
    server.append(conversationTimeline(room.id), { kind: 'read', userId: me, base, atMs: marks.readAtMs })
    return { readSeq: seq }
  },
  'conversation.get': (server, session, body) => {
    const me = mustBe(session)
    const room = server.data.rooms.get(body.conversationId)
    if (room !== undefined) return { conversation: server.state(server.room(room.id, me), me) }
    const parts = parseConversationId(body.conversationId)
    const peer = parts === undefined ? undefined : peerOf(parts, me)
    if (parts === undefined || peer === undefined) throw new Refusal('NOT_A_MEMBER')
    const members = new Map(parts.users.map((user) => [user, newMarks()]))
    return { conversation: server.state({ id: body.conversationId, messages: [], members }, me) }
  },
  'conversation.pin': (server, session, body) => {
    const me = mustBe(session)
    const marks = marksOf(server.makeRoom(body.conversationId, me), me)
    if ((marks.pinnedAtMs !== undefined) === body.pinned) return {}
    marks.pinnedAtMs = body.pinned ? server.clock.now() : undefined
    const pinnedAtMs = marks.pinnedAtMs ?? null
    server.append(userTimeline(me), { kind: 'pinned', conversationId: body.conversationId, pinnedAtMs })
    return {}
  },
  'conversation.hide': (server, session, body) => {
    const me = mustBe(session)
    for (const conversationId of body.conversationIds) {
      const room = server.room(conversationId, me)
      const marks = marksOf(room, me)
      const seq = room.messages.length
      if (seq <= marks.hiddenSeq && (!body.clears || seq <= marks.clearedSeq)) continue
      marks.hiddenSeq = seq
      if (body.clears) marks.clearedSeq = seq
      const base = server.raiseBase(room, me, seq)
      server.append(userTimeline(me), { kind: 'hidden', conversationId, base, cleared: body.clears })
    }
    return {}
  },
  'conversation.clear': (server, session, body) => {
    const me = mustBe(session)
    const room = server.room(body.conversationId, me)
    const marks = marksOf(room, me)
    const seq = room.messages.length
    if (seq <= marks.clearedSeq) return {}
    marks.clearedSeq = seq
    const base = server.raiseBase(room, me, seq)
    server.append(userTimeline(me), { kind: 'cleared', conversationId: room.id, base })
    return {}
  },
  'profile.get': (server, _session, body) => {
    const known = body.userIds.filter((id) => server.users.has(id))
    return { profiles: known.map((id) => server.profile(id)) }
  },
}

function mustBe(session: Caller): UserId {
  if (session.userId === undefined) throw new Error('no session')
  return session.userId
}
