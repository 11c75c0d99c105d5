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
import { GROUP_HANDLERS } from './fake-groups.ts'
import { isFor, marksOf, newMarks, Refusal, type Caller, type FakeStore } from './fake-store.ts'

export type Handlers = {
  readonly [Name in CommandName]?: (server: FakeStore, session: Caller, body: RequestOf<Name>) => ReplyOf<Name>
}

/** What the fake server does for each command; it does not know all of them. */
export const HANDLERS: Handlers = {
  ...GROUP_HANDLERS,
  'session.open': (server, session, body) => {
    if (body.protocolVersion > server.protocolVersion) throw new Refusal('VERSION_NOT_SUPPORTED')
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
    const media = { token: `media-${loginKey}`, expiresAtMs: server.clock.now() + 3_600_000 }
    return {
      loginKey,
      tinyId,
      serverTimeMs: server.clock.now(),
      epoch: server.epoch,
      pingEveryMs: 25_000,
      nick,
      avatar,
      media,
    }
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
    // A page ends at a place that stays where it is when somebody leaves a room before it.
    const from = Number(body.after ?? 0)
    const places = [...server.data.rooms.values()].map((room, place) => ({ room, place: place + 1 }))
    const wanted = body.conversationIds
    const rest = places.filter(
      ({ room, place }) => place > from && room.members.has(me) && (wanted?.includes(room.id) ?? true),
    )
    const page = rest.slice(0, server.pageSize)
    const conversations = page.map(({ room }) => server.state(room, me))
    for (const { conversationId, offset } of conversations) {
      session.toFollow.push([conversationTimeline(conversationId), offset])
    }
    session.toFollow.push([user, userOffset])
    const last = page[page.length - 1]
    const hasMore = rest.length > page.length && last !== undefined
    return { epoch: server.epoch, userOffset, conversations, ...(hasMore ? { next: `${last.place}` } : {}) }
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
      const joinedOffset = id === undefined ? 0 : (server.data.rooms.get(id)?.members.get(me)?.joinedOffset ?? 0)
      if (!isOurs) gone.push(timeline)
      else if (offset < joinedOffset) resets.push(timeline)
      else if (server.timeline(timeline).length - offset > server.catchUpEntries) resets.push(timeline)
      else session.followNow(timeline, offset)
    }
    return { resets, gone }
  },
  'sync.pull': (server, session, body) => {
    const me = mustBe(session)
    const entries = server.timeline(body.timeline)
    const id = conversationOfTimeline(body.timeline)
    const joinedOffset = id === undefined ? 0 : marksOf(server.room(id, me), me).joinedOffset
    if (body.after < joinedOffset) throw new Refusal('TOO_FAR_BEHIND')
    if (entries.length - body.after > server.catchUpEntries) throw new Refusal('TOO_FAR_BEHIND')
    const limit = Math.min(body.limit ?? server.pageSize, server.pageSize)
    const page = entries.slice(body.after, body.after + limit).map((entry, index) => {
      const offset = body.after + index + 1
      return { offset, entry: (id === undefined ? entry : server.shownTo(me, entry, id)) ?? entry }
    })
    return { entries: page, more: body.after + limit < entries.length }
  },
  'message.send': (server, session, body) => server.send(mustBe(session), body),
  'message.sendVolatile': (server, session, body) => {
    const me = mustBe(session)
    const parts = parseConversationId(body.conversationId)
    const users = parts?.type === 'c2c' ? parts.users : [...server.room(body.conversationId, me).members.keys()]
    const { clientMsgId, ...draft } = body
    const id = `${server.users.get(me)?.tinyId ?? ''}-${clientMsgId}`
    const message = { ...draft, id, senderId: me, sentAtMs: server.clock.now() }
    const entry = { kind: 'volatile-message', message } as const
    if (!Value.Check(VolatileEntrySchema as TSchema, entry)) server.violations.push('bad volatile entry')
    for (const other of server.sessions) {
      if (other.userId === undefined || !users.includes(other.userId)) continue
      other.transmit({ type: 'volatile', timeline: userTimeline(other.userId), entry })
    }
    return { sentAtMs: message.sentAtMs }
  },
  'message.history': (server, session, body) => {
    const me = mustBe(session)
    const room = server.room(body.conversationId, me)
    const marks = marksOf(room, me)
    const seen = room.messages.filter(
      (one) => one.seq > marks.clearedSeq && !marks.deleted.has(one.seq) && isFor(me, one),
    )
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
    const mayRevoke = message.senderId === me || (room.group !== undefined && marksOf(room, me).role !== 'member')
    if (!mayRevoke) throw new Refusal('NOT_THE_SENDER')
    if (message.elements.some(({ type }) => type === 'tip' || type === 'notice')) throw new Refusal('NOT_REVOCABLE')
    if (message.revoked !== undefined) return { atMs: message.revoked.atMs }
    const atMs = server.clock.now()
    message.elements = []
    delete message.customData
    message.revoked = { by: me, atMs, ...(body.reason === undefined ? {} : { reason: body.reason }) }
    const counted = message.uncounted !== true && message.receiverIds === undefined
    for (const entry of server.timeline(conversationTimeline(room.id))) {
      if (entry.kind !== 'modified' || entry.seq !== body.seq) continue
      entry.elements = []
      delete entry.customData
    }
    server.append(conversationTimeline(room.id), {
      kind: 'revoked',
      seq: body.seq,
      senderId: message.senderId,
      counted,
      revocation: message.revoked,
    })
    return { atMs }
  },
  'message.modify': (server, session, body) => {
    const me = mustBe(session)
    const room = server.room(body.conversationId, me)
    const message = room.messages[body.seq - 1]
    if (message === undefined || !isFor(me, message)) throw new Refusal('NO_SUCH_MESSAGE')
    if (message.elements.some(({ type }) => type === 'tip' || type === 'notice')) throw new Refusal('NOT_MODIFIABLE')
    if (message.revoked !== undefined) throw new Refusal('MESSAGE_REVOKED')
    if ((message.version ?? 0) !== body.version) throw new Refusal('MODIFY_CONFLICT')
    const { elements, customData } = body
    const changed = { elements, ...(customData === undefined ? {} : { customData }) }
    const version = body.version + 1
    const atMs = server.nextMs()
    delete message.customData
    Object.assign(message, { ...changed, version })
    const { senderId, receiverIds } = message
    server.append(conversationTimeline(room.id), {
      kind: 'modified',
      seq: body.seq,
      version,
      ...structuredClone(changed),
      by: me,
      atMs,
      senderId,
      ...(receiverIds === undefined ? {} : { receiverIds }),
    })
    return { version, atMs }
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
      return message !== undefined && message.senderId !== me && message.uncounted !== true && !message.receiverIds
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
    if (parseConversationId(room.id)?.type === 'c2c') {
      server.append(conversationTimeline(room.id), { kind: 'read', userId: me, base, atMs: marks.readAtMs })
    } else server.append(userTimeline(me), { kind: 'read-here', conversationId: room.id, base })
    return { readSeq: seq }
  },
  'receipt.send': (server, session, body) => {
    const me = mustBe(session)
    const room = server.room(body.conversationId, me)
    const messages = room.messages.filter(
      (one) => body.seqs.includes(one.seq) && one.senderId !== me && one.needsReceipt && !one.receiptAtMs,
    )
    if (messages.length === 0) return {}
    const atMs = server.nextMs()
    const seqs = messages.map(({ seq }) => seq)
    if (room.group === undefined) {
      for (const message of messages) message.receiptAtMs = atMs
      server.append(conversationTimeline(room.id), { kind: 'receipted', userId: me, seqs, atMs })
      return {}
    }
    for (const other of server.sessions) {
      const senderId = other.userId
      const counts = messages
        .filter((one) => one.senderId === senderId)
        .map(({ seq }) => ({ seq, read: 1, unread: room.members.size - 2 }))
      if (senderId === undefined || counts.length === 0) continue
      const entry = { kind: 'receipt-counts', conversationId: room.id, counts }
      other.transmit({ type: 'volatile', timeline: userTimeline(senderId), entry })
    }
    return {}
  },
  'reaction.add': (server, session, body) => {
    const me = mustBe(session)
    const { conversationId, seq, reactionId } = body
    const message = server.room(conversationId, me).messages[seq - 1]
    if (message === undefined) throw new Refusal('NO_SUCH_MESSAGE')
    const by = { userId: me, added: true, total: 1, users: [{ userId: me }] }
    server.append(conversationTimeline(conversationId), {
      kind: 'reaction',
      seq,
      messageId: message.id,
      reactionId,
      ...by,
    })
    return {}
  },
  'conversation.get': (server, session, body) => {
    const me = mustBe(session)
    const room = server.data.rooms.get(body.conversationId)
    if (room !== undefined) return { conversation: server.state(server.room(room.id, me), me) }
    const parts = parseConversationId(body.conversationId)
    const peer = parts?.type === 'c2c' ? peerOf(parts, me) : undefined
    if (parts?.type !== 'c2c' || peer === undefined) throw new Refusal('NOT_A_MEMBER')
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
    return { profiles: known.map((id) => server.userProfile(id)) }
  },
  'profile.update': (server, session, body) => {
    const me = mustBe(session)
    const user = server.users.get(me)
    if (user !== undefined) server.users.set(me, { ...user, nick: body.nick ?? user.nick })
    const profile = server.userProfile(me)
    server.append(userTimeline(me), { kind: 'profile', profile })
    return { profile }
  },
  'conversation.remind': (server, session, body) => {
    const me = mustBe(session)
    const { remind } = body
    const conversationIds = body.conversationIds.filter((id) => {
      const marks = server.data.rooms.get(id)?.members.get(me)
      if (marks === undefined || marks.remind === remind) return false
      marks.remind = remind
      return true
    })
    if (conversationIds.length > 0) server.append(userTimeline(me), { kind: 'remind', conversationIds, remind })
    return { conversationIds }
  },
  'media.token': (server) => ({ token: 'media-new', expiresAtMs: server.clock.now() + 3_600_000 }),
}

export function mustBe(session: Caller): UserId {
  if (session.userId === undefined) throw new Error('no session')
  return session.userId
}
