import {
  conversationTimeline,
  groupConversationId,
  parseGroupId,
  userTimeline,
  type Group,
  type GroupChange,
  type GroupId,
  type Member,
  type Notice,
  type ReplyOf,
  type Tip,
  type UserId,
} from '@hongyan/protocol'
import { mustBe, type Handlers } from './fake-handlers.ts'
import { marksOf, Refusal, type Caller, type FakeStore, type Marks, type Room } from './fake-store.ts'

/** What the fake server does for groups: who may do what is asked as little as possible, everything is told as the wire says. */
export const GROUP_HANDLERS: Handlers = {
  'group.create': (server, session, body) => {
    const me = mustBe(session)
    const groupId = body.groupId ?? parseGroupId(`made-${server.data.rooms.size}`)
    if (groupId === undefined) throw new Refusal('BAD_GROUP_ID')
    const id = groupConversationId(groupId)
    if (server.data.rooms.has(id)) throw new Refusal('GROUP_ID_TAKEN')
    const { type, name } = body
    const atMs = server.nextMs()
    const texts = { name, avatar: '', introduction: '', notice: '' }
    const access = { joinOption: 'free', inviteOption: 'free', isMuted: false, custom: [] } as const
    const facts = { ownerId: me, maxMembers: 200, createdAtMs: atMs, changedAtMs: atMs }
    const group: Room['group'] = { groupId, type, ...texts, ...access, custom: [], ...facts }
    const room: Room = { id, messages: [], members: new Map(), group }
    server.data.rooms.set(id, room)
    server.addMember(room, me, 'owner')
    const users = (body.members ?? [])
      .map(({ userId }) => userId)
      .filter((userId) => server.users.has(userId) && userId !== me)
    for (const userId of users) server.addMember(room, userId, 'member')
    for (const userId of room.members.keys()) server.tellJoined(room, userId)
    if (users.length > 0) server.say(room, counted(room, { op: 'joined', invited: true }, me, users))
    return { group: groupOf(server, room, me), self: selfOf(server, room, me), overLimit: [] }
  },
  'group.join': (server, session, body) => {
    const me = mustBe(session)
    const room = roomOf(server, body.groupId)
    const isMember = room.members.has(me)
    if (!isMember) add(server, room, me, [me])
    const status = isMember ? 'member-already' : 'joined'
    return { status, group: groupOf(server, room, me), self: selfOf(server, room, me) }
  },
  'group.invite': (server, session, body) => {
    const { me, room } = memberOf(server, session, body.groupId)
    const joined = body.userIds.filter((userId) => server.users.has(userId) && !room.members.has(userId))
    if (joined.length > 0) add(server, room, me, joined)
    for (const userId of joined) server.notify(userId, notice(room, 'invited', me))
    return { joined, waiting: [], already: [], overLimit: [], unknown: [] }
  },
  'group.quit': (server, session, body) => {
    const { me, room } = memberOf(server, session, body.groupId)
    if (room.group?.ownerId === me && room.group.type !== 'work') throw new Refusal('OWNER_CANNOT_LEAVE')
    remove(server, room, me, [me], 'quit')
    return {}
  },
  'group.kick': (server, session, body) => {
    const { me, room } = mayRule(server, session, body.groupId)
    const removed = body.userIds.filter((userId) => userId !== me && room.members.get(userId)?.role === 'member')
    if (removed.length > 0) remove(server, room, me, removed, 'kicked')
    return { removed }
  },
  'group.dismiss': (server, session, body) => {
    const { me, room } = mayRule(server, session, body.groupId)
    const users = [...room.members.keys()]
    room.members.clear()
    server.append(conversationTimeline(room.id), { kind: 'dismissed', by: { userId: me } })
    // Whether the users' own timelines tell of it too must make no difference.
    for (const userId of users) {
      if (server.random() < 0.5) server.append(userTimeline(userId), { kind: 'left', conversationId: room.id })
    }
    return {}
  },
  'group.update': (server, session, body) => {
    const { me, room } = memberOf(server, session, body.groupId)
    const { groupId: _groupId, ...changed } = body
    change(server, room, me, changed)
    return { group: groupOf(server, room, me), self: selfOf(server, room, me) }
  },
  'group.transfer': (server, session, body) => {
    const { me, room } = mayRule(server, session, body.groupId)
    const heir = room.members.get(body.userId)
    if (heir === undefined || room.group?.ownerId !== me) throw new Refusal('NOT_PERMITTED')
    marksOf(room, me).role = 'member'
    heir.role = 'owner'
    heir.mutedUntilMs = 0
    change(server, room, me, { ownerId: body.userId })
    return { group: groupOf(server, room, me), self: selfOf(server, room, me) }
  },
  'group.setRole': (server, session, body) => {
    const { me, room } = mayRule(server, session, body.groupId)
    const marks = room.members.get(body.userId)
    if (marks === undefined || marks.role === 'owner') throw new Refusal('BAD_ROLE')
    if (marks.role !== body.role) {
      marks.role = body.role
      const op = body.role === 'admin' ? 'admin-set' : 'admin-unset'
      tell(server, room, { op, by: { userId: me }, users: [{ userId: body.userId }] })
    }
    return { member: memberFrom(server, body.userId, marks) }
  },
  'group.mute': (server, session, body) => {
    const { me, room } = mayRule(server, session, body.groupId)
    const marks = room.members.get(body.userId)
    if (marks === undefined) throw new Refusal('NO_SUCH_MEMBER')
    const { seconds } = body
    marks.mutedUntilMs = seconds === 0 ? 0 : server.nextMs() + seconds * 1000
    const untilMs = marks.mutedUntilMs
    tell(server, room, {
      op: 'members-muted',
      by: { userId: me },
      users: [{ userId: body.userId }],
      untilMs,
      seconds,
    })
    return { member: memberFrom(server, body.userId, marks) }
  },
  'group.setMember': (server, session, body) => {
    const { room } = memberOf(server, session, body.groupId)
    const marks = room.members.get(body.userId)
    if (marks === undefined) throw new Refusal('NO_SUCH_MEMBER')
    marks.nameCard = body.nameCard ?? marks.nameCard
    const self = selfOf(server, room, body.userId)
    server.append(userTimeline(body.userId), { kind: 'membership', conversationId: room.id, self })
    return { member: memberFrom(server, body.userId, marks) }
  },
}

function roomOf(server: FakeStore, groupId: GroupId): Room {
  const room = server.data.rooms.get(groupConversationId(groupId))
  if (room === undefined || room.members.size === 0) throw new Refusal('NO_SUCH_GROUP')
  return room
}

function memberOf(server: FakeStore, session: Caller, groupId: GroupId): { me: UserId; room: Room } {
  const me = mustBe(session)
  const room = roomOf(server, groupId)
  marksOf(room, me)
  return { me, room }
}

function mayRule(server: FakeStore, session: Caller, groupId: GroupId): { me: UserId; room: Room } {
  const found = memberOf(server, session, groupId)
  if (marksOf(found.room, found.me).role === 'member') throw new Refusal('NOT_PERMITTED')
  return found
}

function add(server: FakeStore, room: Room, by: UserId, users: readonly UserId[]): void {
  for (const userId of users) server.addMember(room, userId, 'member')
  const say = (): void => server.say(room, counted(room, { op: 'joined', invited: users[0] !== by }, by, users))
  // One transaction: nobody can say which of the two timelines is told first.
  const isTipFirst = server.random() < 0.5
  if (isTipFirst) say()
  for (const userId of users) server.tellJoined(room, userId)
  if (!isTipFirst) say()
}

function remove(server: FakeStore, room: Room, by: UserId, users: readonly UserId[], op: 'quit' | 'kicked'): void {
  for (const userId of users) room.members.delete(userId)
  if (room.group !== undefined && room.group.ownerId !== '' && users.includes(room.group.ownerId)) {
    room.group = { ...room.group, ownerId: '' }
  }
  const say = (): void => server.say(room, counted(room, { op }, by, users))
  const isTipFirst = server.random() < 0.5
  if (isTipFirst) say()
  for (const userId of users) server.append(userTimeline(userId), { kind: 'left', conversationId: room.id })
  if (!isTipFirst) say()
  if (op === 'kicked') for (const userId of users) server.notify(userId, notice(room, 'kicked', by))
}

function change(server: FakeStore, room: Room, me: UserId, changed: GroupChange): void {
  if (room.group === undefined) return
  room.group = { ...room.group, ...changed }
  tell(server, room, { op: 'group-changed', by: { userId: me }, changed })
}

function tell(server: FakeStore, room: Room, tip: Tip): void {
  server.say(room, { type: 'tip', tip })
}

function counted(
  room: Room,
  what: { op: 'joined'; invited: boolean } | { op: 'quit' | 'kicked' },
  by: UserId,
  users: readonly UserId[],
): { type: 'tip'; tip: Tip } {
  const people = { by: { userId: by }, users: users.map((userId) => ({ userId })), memberCount: room.members.size }
  return { type: 'tip', tip: { ...what, ...people } }
}

function notice(room: Room, op: Notice['op'], by: UserId): Notice {
  const { groupId, name, type } = room.group ?? { groupId: '' as GroupId, name: '', type: 'work' }
  return { type: 'notice', op, groupId, groupName: name, groupType: type, by: { userId: by } }
}

function groupOf(server: FakeStore, room: Room, me: UserId): Group {
  const about = server.about(room, me)
  if (about.type !== 'group') throw new Refusal('NO_SUCH_GROUP')
  return about.group
}

function selfOf(server: FakeStore, room: Room, me: UserId): ReplyOf<'group.create'>['self'] {
  const about = server.about(room, me)
  if (about.type !== 'group') throw new Refusal('NO_SUCH_GROUP')
  return about.self
}

function memberFrom(server: FakeStore, userId: UserId, marks: Marks): Member {
  const { role, nameCard, joinedAtMs, mutedUntilMs } = marks
  return { ...server.profile(userId), role, nameCard, joinedAtMs, mutedUntilMs, custom: [] }
}
