import { afterAll, beforeAll, expect, test } from 'vitest'
import { found, Listener, nextId, shortOf } from './kit/group-story.ts'
import { until } from './kit/until.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ nodes: 2 })
})
afterAll(() => world.stop())

/** What was said in the room while this listener was there. */
function heard(listener: Listener): readonly string[] {
  return listener.wire.frames.flatMap((frame) =>
    frame.type === 'volatile' && frame.entry.kind === 'volatile-message'
      ? [shortOf({ kind: 'message', message: { ...frame.entry.message, seq: 1, countable: 0 } })]
      : [],
  )
}

function shout(listener: Listener, text: string, more: object = {}): Promise<unknown> {
  return listener.wire.request('message.sendVolatile', {
    conversationId: 'group:room',
    clientMsgId: nextId(),
    elements: [{ type: 'text', text }],
    ...more,
  })
}

test('a live room: who is in it hears what is said, on any node; nothing is kept, and the owner keeps order', async () => {
  const [host, ann, ben, stranger] = (await Promise.all(
    ['host', 'ann', 'ben', 'stranger'].map((userId, index) => Listener.open(world, userId, index % 2)),
  )) as [Listener, Listener, Listener, Listener]
  const { group } = await found(host, 'room', 'live', ['ann'])
  expect(group).toMatchObject({ type: 'live', ownerId: 'host', memberCount: 0 })
  for (const one of [host, ann, ben, ann]) {
    await expect(one.wire.request('group.join', { groupId: 'room' })).resolves.toMatchObject({ status: 'joined' })
  }
  await shout(ann, 'hello')
  for (const one of [host, ann, ben]) await until('it is heard', () => heard(one).includes('hello'))
  await expect(shout(stranger, 'x')).rejects.toThrow('NOT_A_MEMBER')
  await expect(host.say('room', 'kept')).rejects.toThrow('NOT_A_MEMBER')

  await expect(ann.wire.request('group.mute', { groupId: 'room', userId: 'ben', seconds: 60 })).rejects.toThrow(
    'NOT_A_MEMBER',
  )
  await host.wire.request('group.mute', { groupId: 'room', userId: 'ben', seconds: 60 })
  await expect(shout(ben, 'x')).rejects.toThrow('MUTED')
  await host.wire.request('group.mute', { groupId: 'room', userId: 'ben', seconds: 0 })
  await host.wire.request('group.update', { groupId: 'room', isMuted: true })
  await expect(ann.say('room', 'x')).rejects.toThrow('NOT_A_MEMBER')
  await expect(shout(ann, 'x')).rejects.toThrow('MUTED')
  await shout(host, 'quiet please')
  await until('all hear the host', () => heard(ben).includes('quiet please'))
  await host.wire.request('group.update', { groupId: 'room', isMuted: false })

  await host.wire.request('group.kick', { groupId: 'room', userIds: ['ben'], banSeconds: 60, reason: 'noise' })
  await expect(ben.wire.request('group.join', { groupId: 'room' })).rejects.toThrow('BANNED_FROM_GROUP')
  await until('he is out', () =>
    shout(ben, 'x').then(
      () => false,
      (err: Error) => err.message === 'NOT_A_MEMBER',
    ),
  )
  await shout(ann, 'without ben')
  await until('the host hears it', () => heard(host).includes('without ben'))
  expect(heard(ben)).not.toContain('without ben')

  await ann.wire.request('group.setAttributes', { groupId: 'room', attributes: { seat: 'ann' }, replaces: true })
  await until('the host hears of it', () => host.heard('room').includes('attributes'))
  expect((await host.wire.request('group.attributes', { groupId: 'room' })).attributes).toEqual({ seat: 'ann' })
  await expect(stranger.wire.request('group.attributes', { groupId: 'room' })).rejects.toThrow('NOT_A_MEMBER')

  ann.close()
  await until('she is gone', async () =>
    (await host.wire.request('group.members', { groupId: 'room', limit: 10 })).members.every(
      ({ userId }) => userId !== 'ann',
    ),
  )
  const later = await Listener.open(world, 'ann', 0, { instanceId: 'later' })
  expect(later.snapshot.conversations.map(({ conversationId }) => conversationId)).not.toContain('group:room')
  await expect(
    later.wire.request('message.history', { conversationId: 'group:room', direction: 'older', limit: 5 }),
  ).rejects.toThrow('NOT_A_MEMBER')
})

test('what is too much for a room is refused by name, and what matters passes', async () => {
  const host = await Listener.open(world, 'host2')
  const fan = await Listener.open(world, 'fan2')
  await host.wire.request('group.create', { requestId: nextId(), groupId: 'loud', type: 'live', name: 'loud' })
  await fan.wire.request('group.join', { groupId: 'loud' })
  await host.wire.request('group.join', { groupId: 'loud' })
  const say = (one: Listener, more: object = {}): Promise<unknown> =>
    one.wire.request('message.sendVolatile', {
      conversationId: 'group:loud',
      clientMsgId: nextId(),
      elements: [{ type: 'text', text: 'x' }],
      ...more,
    })
  const results = await Promise.allSettled(Array.from({ length: 400 }, () => say(fan)))
  const refused = results.filter(({ status }) => status === 'rejected')
  // However long they took: as many as may be said in a second pass at once.
  expect(refused.length).toBeGreaterThan(0)
  expect(results.length - refused.length).toBeGreaterThanOrEqual(40)
  await expect(say(fan, { priority: 'high' })).resolves.toBeDefined()
  await expect(say(host)).resolves.toBeDefined()
})
