import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conversationTimeline, systemConversationId, unreadOf, type UserId } from '@hongyan/protocol'
import { found, Listener, shortOf, timelineOf } from './kit/group-story.ts'
import { until } from './kit/until.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ nodes: 2, env: { GROUP_MEMBERS_PUBLIC: '5' } })
})
afterAll(() => world.stop())

async function all(...userIds: string[]): Promise<Listener[]> {
  return Promise.all(userIds.map((userId, index) => Listener.open(world, userId, index % 2)))
}

describe('a class group', () => {
  test('its members hear everything in the same order, on whichever node they are', async () => {
    const [teacher, ann, ben] = (await all('t1', 'ann1', 'ben1')) as [Listener, Listener, Listener]
    const { group, self } = await found(teacher, 'class-1', 'work', ['ann1', 'ben1'])
    expect(group).toMatchObject({ groupId: 'class-1', type: 'work', ownerId: 't1', memberCount: 3, maxMembers: 200 })
    expect(self.role).toBe('owner')
    await Promise.all([teacher.say('class-1', 'hello'), ann.say('class-1', 'hi'), ben.say('class-1', 'good morning')])
    for (const one of [teacher, ann, ben]) {
      await until('everything is heard', () => one.heard('class-1').length === 4)
      expect(one.heard('class-1')).toEqual(teacher.heard('class-1'))
      expect(one.pushed(timelineOf('class-1')).map(({ offset }) => offset)).toEqual([1, 2, 3, 4])
    }
    expect(ann.heard('class-1')[0]).toBe('tip:joined')
  })

  test('the snapshot of a later login shows the same as what was heard live', async () => {
    const [teacher, ann] = (await all('t2', 'ann2')) as [Listener, Listener]
    await found(teacher, 'class-2', 'work', ['ann2'])
    await teacher.say('class-2', 'one')
    await teacher.say('class-2', 'two', { mentions: { userIds: ['ann2'], all: false } })
    await ann.hears('class-2', 'two')
    const later = await Listener.open(world, 'ann2', 1, { instanceId: 'later' })
    const state = later.snapshot.conversations.find(({ conversationId }) => conversationId === 'group:class-2')
    expect(state).toMatchObject({
      about: { type: 'group', group: { name: 'class-2', memberCount: 2 }, self: { role: 'member' } },
      lastSeq: 3,
      mentions: [{ seq: 3, senderId: 't2', who: 'me' }],
    })
    expect(state && unreadOf(state)).toBe(3)
    expect(state?.lastMessage && shortOf({ kind: 'message', message: state.lastMessage })).toBe('two')
    const system = later.snapshot.conversations.find(({ about }) => about.type === 'system')
    expect(system?.lastMessage && shortOf({ kind: 'message', message: system.lastMessage })).toBe('notice:invited')
  })

  test('[I11] a member who was removed hears nothing from there on, live, by pull, by history or by resume', async () => {
    const [teacher, ann, ben] = (await all('t3', 'ann3', 'ben3')) as [Listener, Listener, Listener]
    await found(teacher, 'class-3', 'work', ['ann3', 'ben3'])
    await teacher.say('class-3', 'before')
    await ann.hears('class-3', 'before')
    await teacher.wire.request('group.kick', { groupId: 'class-3', userIds: ['ann3'] })
    await teacher.say('class-3', 'after')
    await ben.hears('class-3', 'tip:kicked', 'after')
    await until('she is told', () =>
      ann
        .pushed(conversationTimeline(systemConversationId('ann3' as UserId)))
        .some(({ entry }) => shortOf(entry) === 'notice:kicked'),
    )
    expect(ann.heard('class-3')).toEqual(['tip:joined', 'before'])
    const timeline = timelineOf('class-3')
    for (const request of [
      ann.wire.request('sync.pull', { timeline, after: 2 }),
      ann.wire.request('message.history', { conversationId: 'group:class-3', direction: 'older', limit: 10 }),
      ann.wire.request('conversation.get', { conversationId: 'group:class-3' }),
      ann.wire.request('group.members', { groupId: 'class-3', limit: 10 }),
      ann.say('class-3', 'let me in'),
      ann.wire.request('message.sendVolatile', {
        conversationId: 'group:class-3',
        clientMsgId: 'v1',
        elements: [{ type: 'text', text: 'x' }],
      }),
    ]) {
      await expect(request).rejects.toThrow('NOT_A_MEMBER')
    }
    const again = await Listener.open(world, 'ann3', 1, { instanceId: 'again' })
    expect(again.snapshot.conversations.map(({ conversationId }) => conversationId)).not.toContain('group:class-3')
    const resumed = await again.wire.request('sync.resume', {
      epoch: again.snapshot.epoch,
      cursors: [{ timeline, offset: 2 }],
    })
    expect(resumed).toEqual({ resets: [], gone: [timeline] })
  })

  test('who comes back sees what is said from then on, and nothing of the time between', async () => {
    const [teacher, ann] = (await all('t4', 'ann4')) as [Listener, Listener]
    await found(teacher, 'class-4', 'work', ['ann4'])
    await teacher.say('class-4', 'first')
    await ann.hears('class-4', 'first')
    await teacher.wire.request('group.kick', { groupId: 'class-4', userIds: ['ann4'] })
    await teacher.say('class-4', 'secret')
    await teacher.wire.request('group.invite', { groupId: 'class-4', userIds: ['ann4'] })
    await teacher.say('class-4', 'welcome back')
    await ann.hears('class-4', 'tip:joined', 'welcome back')
    expect(ann.heard('class-4')).toEqual(['tip:joined', 'first', 'tip:joined', 'welcome back'])
    const { messages, isComplete } = await ann.wire.request('message.history', {
      conversationId: 'group:class-4',
      direction: 'older',
      limit: 10,
    })
    expect(messages.map((message) => shortOf({ kind: 'message', message }))).toEqual(['tip:joined', 'welcome back'])
    expect(isComplete).toBe(true)
    // A device that was away all the time: its cursor is from the earlier membership.
    const away = await ann.wire.request('sync.resume', {
      epoch: ann.snapshot.epoch,
      cursors: [{ timeline: timelineOf('class-4'), offset: 2 }],
    })
    expect(away.resets).toEqual([timelineOf('class-4')])
    await expect(ann.wire.request('sync.pull', { timeline: timelineOf('class-4'), after: 2 })).rejects.toThrow(
      'TOO_FAR_BEHIND',
    )
    expect(unreadOf(await ann.state('class-4'))).toBe(2)
  })

  test('a message for some is skipped by the others, live and later, and counts for nobody', async () => {
    const [teacher, ann, ben] = (await all('t5', 'ann5', 'ben5')) as [Listener, Listener, Listener]
    await found(teacher, 'class-5', 'work', ['ann5', 'ben5'])
    const { seq, countable } = await teacher.say('class-5', 'for Ann', { receiverIds: ['ann5', 'nobody'] })
    await teacher.say('class-5', 'for all')
    await ann.hears('class-5', 'for Ann', 'for all')
    await ben.hears('class-5', 'skipped', 'for all')
    expect([seq, countable]).toEqual([2, 1])
    const history = async (one: Listener): Promise<string[]> =>
      (
        await one.wire.request('message.history', {
          conversationId: 'group:class-5',
          direction: 'newer',
          limit: 10,
        })
      ).messages.map((message) => shortOf({ kind: 'message', message }))
    expect(await history(ann)).toEqual(['tip:joined', 'for Ann', 'for all'])
    expect(await history(ben)).toEqual(['tip:joined', 'for all'])
    const { entries } = await ben.wire.request('sync.pull', { timeline: timelineOf('class-5'), after: 0 })
    expect(entries.map(({ entry }) => shortOf(entry))).toEqual(['tip:joined', 'skipped', 'for all'])
    await expect(teacher.say('class-5', 'x', { receiverIds: ['nobody'] })).rejects.toThrow('NOT_A_RECEIVER')
    await teacher.wire.request('message.revoke', { conversationId: 'group:class-5', seq, reason: 'for Ann alone' })
    await ann.hears('class-5', 'revoked')
    await ben.hears('class-5', 'skipped')
  })

  test('whoever may not speak is refused by name; owner and admins may while all others may not', async () => {
    const [teacher, ann, ben] = (await all('t6', 'ann6', 'ben6')) as [Listener, Listener, Listener]
    await found(teacher, 'class-6', 'public', ['ann6', 'ben6'])
    await teacher.wire.request('group.mute', { groupId: 'class-6', userId: 'ann6', seconds: 3600 })
    await expect(ann.say('class-6', 'x')).rejects.toThrow('MUTED')
    await ben.say('class-6', 'I may')
    await teacher.wire.request('group.mute', { groupId: 'class-6', userId: 'ann6', seconds: 0 })
    await ann.say('class-6', 'again')
    await teacher.wire.request('group.update', { groupId: 'class-6', isMuted: true })
    await expect(ben.say('class-6', 'x')).rejects.toThrow('MUTED')
    await teacher.say('class-6', 'quiet now')
    await teacher.wire.request('group.setRole', { groupId: 'class-6', userId: 'ben6', role: 'admin' })
    await ben.say('class-6', 'as an admin')
    await teacher.hears('class-6', 'tip:group-changed', 'quiet now', 'tip:admin-set', 'as an admin')
  })

  test('the room a group has is kept, also when many come at once', async () => {
    const [teacher] = (await all('t7')) as [Listener]
    const { overLimit } = await found(teacher, 'class-7', 'public', ['a7', 'b7', 'c7', 'd7', 'e7', 'f7'])
    expect(overLimit).toEqual(['e7', 'f7'])
    await teacher.wire.request('group.kick', { groupId: 'class-7', userIds: ['d7'] })
    const invited = await Promise.all(
      ['g7', 'h7', 'i7'].map((userId) =>
        teacher.wire.request('group.invite', { groupId: 'class-7', userIds: [userId] }),
      ),
    )
    expect(invited.flatMap(({ joined }) => joined)).toHaveLength(1)
    expect(invited.flatMap((reply) => reply.overLimit)).toHaveLength(2)
    const { members } = await teacher.wire.request('group.members', { groupId: 'class-7', limit: 100 })
    expect(members).toHaveLength(5)
    expect(members[0]).toMatchObject({ userId: 't7', role: 'owner' })
  })
})

describe('joining by approval', () => {
  test('owner and admins are told, one of them decides, and the applicant hears of it', async () => {
    const [teacher, ann] = (await all('t8', 'ann8')) as [Listener, Listener]
    await found(teacher, 'club-8', 'public', [])
    await expect(ann.wire.request('group.join', { groupId: 'club-8', text: 'please' })).resolves.toEqual({
      status: 'waiting',
    })
    const { applications } = await teacher.wire.request('group.applications', {})
    expect(applications).toMatchObject([{ groupId: 'club-8', applicant: { userId: 'ann8' }, text: 'please' }])
    const applicationId = applications[0]?.applicationId
    const decided = await Promise.allSettled([
      teacher.wire.request('group.decide', { applicationId, agree: true, text: 'welcome' }),
      teacher.wire.request('group.decide', { applicationId, agree: true }),
    ])
    expect(decided.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await ann.hears('club-8', 'tip:joined')
    const notices = (): readonly string[] =>
      ann.pushed(conversationTimeline(systemConversationId('ann8' as UserId))).map(({ entry }) => shortOf(entry))
    await until('she is told', () => notices().includes('notice:accepted'))
    expect((await teacher.wire.request('group.applications', {})).applications).toEqual([])
  })
})

describe('the end of a group', () => {
  test('everybody is told, and nobody can do anything in it any more', async () => {
    const [teacher, ann] = (await all('t9', 'ann9')) as [Listener, Listener]
    await found(teacher, 'club-9', 'public', ['ann9'])
    await expect(ann.wire.request('group.dismiss', { groupId: 'club-9' })).rejects.toThrow('NOT_PERMITTED')
    await teacher.wire.request('group.dismiss', { groupId: 'club-9' })
    await teacher.wire.request('group.dismiss', { groupId: 'club-9' })
    await ann.hears('club-9', 'dismissed')
    await expect(teacher.say('club-9', 'x')).rejects.toThrow('NOT_A_MEMBER')
    await expect(ann.wire.request('group.join', { groupId: 'club-9' })).rejects.toThrow('NO_SUCH_GROUP')
    await expect(
      ann.wire.request('message.history', { conversationId: 'group:club-9', direction: 'older', limit: 5 }),
    ).rejects.toThrow('NOT_A_MEMBER')
    const later = await Listener.open(world, 'ann9', 0, { instanceId: 'later' })
    expect(later.snapshot.conversations.map(({ conversationId }) => conversationId)).toEqual(['system:ann9'])
    await expect(found(teacher, 'club-9', 'public', [])).rejects.toThrow('GROUP_ID_TAKEN')
  })

  test('a founding that is sent again after a lost connection founds one group', async () => {
    const [teacher] = (await all('t10')) as [Listener]
    const body = { requestId: 'once', type: 'work', name: 'once' }
    const first = await teacher.wire.request('group.create', body)
    const second = await teacher.wire.request('group.create', body)
    expect(second.group.groupId).toBe(first.group.groupId)
    expect(first.group.groupId).toMatch(/^@TGS#[A-Z0-9]{12}$/)
    const room = { requestId: 'room', type: 'live', name: 'room' }
    const other = await Listener.open(world, 't10', 1, { instanceId: 'other' })
    const rooms = await Promise.all(
      [teacher, other, teacher, other].map((one) => one.wire.request('group.create', room)),
    )
    expect(new Set(rooms.map(({ group }) => group.groupId)).size).toBe(1)
    const classes = await Promise.all(
      [teacher, other, teacher, other].map((one) => one.wire.request('group.create', { ...body, requestId: 'twice' })),
    )
    expect(new Set(classes.map(({ group }) => group.groupId)).size).toBe(1)
  })
})
