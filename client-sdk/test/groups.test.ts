import {
  conversationTimeline,
  groupConversationId,
  parseGroupId,
  systemConversationId,
  userTimeline,
  type GroupId,
  type RequestOf,
  type UserId,
} from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { watch, type Device } from './device.ts'
import { ann, annBob, bob, eve, Rig } from './rig.ts'

const groupId = parseGroupId('class-3') ?? ('' as GroupId)
const id = groupConversationId(groupId)

/** Ann's group, with these members beside her. */
async function found(rig: Rig, a: Device, userIds: readonly UserId[], type: 'work' | 'public' | 'meeting' = 'public') {
  const members = userIds.map((userId) => ({ userId }))
  void a.client.ask('group.create', { requestId: 'r1', groupId, type, name: 'Class 3', members })
  await rig.clock.pass(1000)
}

function group(device: Device) {
  const about = device.client.conversation(id)?.about
  if (about?.type !== 'group') throw new Error('no group')
  return about
}

describe('a group', () => {
  test('comes to all its members, with its profile, and what is said in it', async () => {
    const rig = new Rig()
    const [a, b, b2] = [await rig.ready(ann), await rig.ready(bob), await rig.ready(bob)]
    await found(rig, a, [bob])
    for (const device of [a, b, b2]) {
      expect(group(device)).toMatchObject({ group: { name: 'Class 3', memberCount: 2, ownerId: ann } })
      expect(device.told('groups').some(({ ids }) => ids.includes(id))).toBe(true)
    }
    expect([a, b].map((device) => group(device).self.role)).toEqual(['owner', 'member'])
    const sent = watch(a.client.send(a.draft(id, 'hello', { mentions: { userIds: [bob], all: false } })))
    await rig.clock.pass(1000)
    expect(sent.value).toMatchObject({ seq: 2 })
    for (const device of [b, b2]) {
      expect(device.messages(id).map(({ seq }) => seq)).toEqual([1, 2])
      expect(device.client.conversation(id)).toMatchObject({ unread: 2, mentions: [{ seq: 2, who: 'me' }] })
    }
    expect(a.messages(id).map(({ seq }) => seq)).toEqual([1])
    void b.client.read(id)
    await rig.clock.pass(1000)
    for (const device of [b, b2]) expect(device.client.conversation(id)).toMatchObject({ unread: 0, mentions: [] })
    expect(a.told('read-by-peer')).toEqual([])
    rig.expectSound()
  })

  test('whose message mentions without counting is read for the mention’s sake, and only once', async () => {
    const rig = new Rig()
    const [a, b] = [await rig.ready(ann), await rig.ready(bob)]
    await found(rig, a, [bob])
    void b.client.read(id)
    await rig.clock.pass(1000)
    void a.client.send(a.draft(id, 'psst', { uncounted: true, mentions: { userIds: [], all: true } }))
    await rig.clock.pass(1000)
    expect(b.client.conversation(id)).toMatchObject({ unread: 0, mentions: [{ seq: 2, who: 'all' }] })
    const asked = rig.asked('receipt.read').length
    void b.client.read(id)
    await rig.clock.pass(1000)
    void b.client.read(id)
    await rig.clock.pass(1000)
    expect(b.client.conversation(id)?.mentions).toEqual([])
    expect(rig.asked('receipt.read')).toHaveLength(asked + 1)
    rig.expectSound()
  })

  test('that the user is removed from is dropped at once, never resumed, and told with what it was', async () => {
    const rig = new Rig()
    const [a, b, b2] = [await rig.ready(ann), await rig.ready(bob), await rig.ready(bob)]
    await found(rig, a, [bob, eve])
    void a.client.ask('group.kick', { groupId, userIds: [bob] })
    await rig.clock.pass(1000)
    void a.client.send(a.draft(id, 'he is gone'))
    await rig.clock.pass(1000)
    for (const device of [b, b2]) {
      expect(device.client.conversation(id)).toBeUndefined()
      expect(device.told('left')).toMatchObject([
        { conversation: { conversationId: id, about: { group: { name: 'Class 3' } } } },
      ])
      expect(device.messages(id).map(({ seq }) => seq)).toEqual([1])
      expect(device.client.conversation(systemConversationId(bob))).toMatchObject({
        unread: 1,
        about: { type: 'system' },
      })
    }
    expect(rig.asked('sync.pull')).toEqual([])
    b.transport.cut()
    await rig.clock.pass(5000)
    const [resume] = rig.asked('sync.resume') as { cursors: { timeline: string }[] }[]
    expect(resume?.cursors.map(({ timeline }) => timeline)).not.toContain(conversationTimeline(id))
    expect(group(a).group.memberCount).toBe(2)
    rig.expectSound()
  })

  test('joined again starts anew, not from the old cursor, whether the device saw it or not', async () => {
    const rig = new Rig()
    const [a, b, away] = [await rig.ready(ann), await rig.ready(bob), await rig.ready(bob)]
    await found(rig, a, [bob])
    void a.client.send(a.draft(id, 'before'))
    await rig.clock.pass(1000)
    away.transport.silence()
    void b.client.ask('group.quit', { groupId })
    await rig.clock.pass(1000)
    void a.client.send(a.draft(id, 'meanwhile'))
    await rig.clock.pass(1000)
    void b.client.ask('group.join', { groupId })
    await rig.clock.pass(1000)
    void a.client.send(a.draft(id, 'after'))
    await rig.clock.pass(1000)
    away.wake()
    await rig.clock.pass(5000)
    for (const device of [b, away]) {
      const texts = device
        .messages(id)
        .flatMap(({ elements }) => elements.map((one) => (one.type === 'text' ? one.text : '')))
      expect(texts).not.toContain('meanwhile')
      expect(texts.filter((text) => text === 'after')).toHaveLength(1)
      expect(device.client.conversation(id)).toMatchObject({ unread: 2, about: { group: { name: 'Class 3' } } })
      expect(device.told('left')).toHaveLength(1)
    }
    rig.expectSound()
  })

  // Found by the simulator, seed 802152.
  test('joined again while a resume is answered stays: the answer knows only that he had left', async () => {
    const rig = new Rig()
    const [a, b, away] = [await rig.ready(ann), await rig.ready(bob), await rig.ready(bob)]
    await found(rig, a, [bob])
    away.transport.cut()
    void a.client.ask('group.kick', { groupId, userIds: [bob] })
    await rig.clock.pass(1)
    const resumes: (() => void)[] = []
    rig.server.intercept = (session, command, requestId, body) => {
      if (command !== 'sync.resume') return false
      const { cursors } = body as RequestOf<'sync.resume'>
      resumes.push(() => {
        for (const { timeline, offset } of cursors)
          if (timeline === userTimeline(bob)) session.followNow(timeline, offset)
        session.reply(requestId, { resets: [], gone: [conversationTimeline(id)] })
      })
      return true
    }
    await rig.clock.pass(2000)
    expect(resumes).toHaveLength(1)
    void b.client.ask('group.join', { groupId })
    await rig.clock.pass(1000)
    for (const answer of resumes) answer()
    await rig.clock.pass(1000)
    for (const device of [b, away]) {
      expect(device.client.conversation(id)).toMatchObject({ about: { group: { name: 'Class 3' } } })
      expect(device.told('left')).toHaveLength(1)
    }
    rig.expectSound()
  })

  test('that is dismissed is dropped by all, and what is late does not bring it back', async () => {
    for (let seed = 1; seed < 6; seed++) {
      const rig = new Rig(seed)
      const [a, b] = [await rig.ready(ann), await rig.ready(bob)]
      await found(rig, a, [bob])
      rig.server.lateMs = 400
      const looked = watch(b.client.fetchConversation(id))
      void a.client.ask('group.dismiss', { groupId })
      await rig.clock.pass(3000)
      expect(looked.state).toBe('done')
      for (const device of [a, b]) {
        expect(device.told('left')).toHaveLength(1)
        expect(device.client.conversation(id)).toBeUndefined()
      }
      rig.expectSound()
    }
  })

  test('that is looked up without being a member is not kept', async () => {
    const rig = new Rig()
    const [a, e] = [await rig.ready(ann), await rig.ready(eve)]
    await found(rig, a, [bob])
    const looked = watch(e.client.fetchConversation(id))
    await rig.clock.pass(1000)
    expect(looked).toMatchObject({ state: 'failed', failure: 'NOT_A_MEMBER' })
    expect(e.client.conversation(id)).toBeUndefined()
  })

  test('joined while the news of it is overtaken by what is said in it misses nothing', async () => {
    for (let seed = 1; seed < 30; seed++) {
      const rig = new Rig(seed)
      const [a, b] = [await rig.ready(ann), await rig.ready(bob)]
      await found(rig, a, [])
      b.transport.faults.swap = 0.5
      void a.client.ask('group.invite', { groupId, userIds: [bob] })
      await rig.clock.pass(20)
      for (let n = 0; n < 4; n++) void a.client.send(a.draft(id, `m${n}`))
      await rig.clock.pass(500)
      b.transport.faults.swap = 0
      void a.client.send(a.draft(id, 'last'))
      rig.say(ann, bob)
      await rig.clock.pass(3000)
      b.transport.cut()
      await rig.clock.pass(5000)
      expect(b.messages(id).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
      rig.expectSound()
    }
  })

  test('of which something is pushed before the news that it is the user’s waits for it, without a pull', async () => {
    const rig = new Rig()
    const b = await rig.ready(bob)
    const timeline = conversationTimeline(id)
    const message = { id: '1-1', conversationId: id, senderId: ann, sentAtMs: 1, seq: 1, countable: 1, elements: [] }
    const [session] = rig.server.sessions
    session?.transmit({ type: 'push', timeline, offset: 1, entry: { kind: 'message', message } })
    await rig.clock.pass(1000)
    expect(b.messages(id)).toEqual([])
    rig.server.append(userTimeline(bob), { kind: 'joined', conversationId: id, offset: 0, seq: 0, countable: 0 })
    await rig.clock.pass(1000)
    expect(b.messages(id).map(({ seq }) => seq)).toEqual([1])
    expect(rig.asked('sync.pull')).toEqual([])
  })

  test('tells of the user’s place: role, mute, card; and his messages carry the card as the server’s do', async () => {
    const rig = new Rig()
    const [a, b] = [await rig.ready(ann), await rig.ready(bob)]
    await found(rig, a, [bob])
    b.changes.length = 0
    void a.client.ask('group.setRole', { groupId, userId: bob, role: 'admin' })
    void b.client.ask('group.setMember', { groupId, userId: bob, nameCard: 'Mr Li' })
    void a.client.ask('group.update', { groupId, name: 'Class 4' })
    await rig.clock.pass(1000)
    expect(group(b)).toMatchObject({ group: { name: 'Class 4' }, self: { role: 'admin', nameCard: 'Mr Li' } })
    expect(b.told('groups').length).toBeGreaterThanOrEqual(3)
    b.transport.faults.lose = 1
    const draft = b.draft(id, 'x', { mentions: { userIds: [ann], all: false }, extensible: true, needsReceipt: true })
    void b.client.send(draft)
    await rig.clock.pass(1000)
    const stored = rig.server.data.rooms.get(id)?.messages
    expect(b.client.conversation(id)?.lastMessage).toEqual(stored?.[stored.length - 1])
    expect(b.client.conversation(id)?.lastMessage).toMatchObject({ senderCard: 'Mr Li', mentions: { userIds: [ann] } })
    void a.client.ask('group.mute', { groupId, userId: bob, seconds: 60 })
    b.transport.faults.lose = 0
    await rig.clock.pass(1000)
    void a.client.send(a.draft(id, 'y'))
    await rig.clock.pass(1000)
    expect(group(b).self.mutedUntilMs).toBeGreaterThan(0)
    rig.expectSound()
  })

  test('shows a message for some to them alone', async () => {
    const rig = new Rig()
    const [a, b, e] = [await rig.ready(ann), await rig.ready(bob), await rig.ready(eve)]
    await found(rig, a, [bob, eve])
    void a.client.send(a.draft(id, 'for bob', { receiverIds: [bob] }))
    await rig.clock.pass(1000)
    void a.client.send(a.draft(id, 'for all'))
    await rig.clock.pass(1000)
    expect(b.messages(id).map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(e.messages(id).map(({ seq }) => seq)).toEqual([1, 3])
    for (const device of [b, e]) expect(device.client.conversation(id)).toMatchObject({ lastSeq: 3, unread: 2 })
    expect(rig.asked('sync.pull')).toEqual([])
    rig.expectSound()
  })
})

describe('a snapshot that breaks off between two pages', () => {
  /** Cuts the connection instead of answering the next page. */
  function cutAtNextPage(rig: Rig, device: Device): void {
    rig.server.intercept = (_, command, __, body) => {
      const isNext = command === 'sync.snapshot' && JSON.stringify(body).includes('after')
      if (isNext) {
        rig.server.intercept = () => false
        device.transport.cut()
      }
      return isNext
    }
  }

  test('leaves no group that the user left before the next attempt', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    await found(rig, a, [bob])
    rig.say(eve, bob)
    rig.server.pageSize = 1
    const b = rig.device(bob)
    cutAtNextPage(rig, b)
    void b.login()
    await rig.clock.pass(30)
    expect(b.transport.cuts).toBe(1)
    void a.client.ask('group.kick', { groupId, userIds: [bob] })
    await rig.clock.pass(8000)
    expect(b.client.isSyncComplete).toBe(true)
    expect(b.client.conversation(id)).toBeUndefined()
    rig.expectSound()
  })

  test('is taken again, although the first page was true for a later moment than the cursors', async () => {
    const rig = new Rig()
    const [b, b2] = [await rig.ready(bob), await rig.ready(bob)]
    b.transport.silence()
    rig.server.pageSize = 1
    rig.server.catchUpEntries = 2
    for (const from of [ann, eve]) rig.say(from, bob)
    for (let n = 0; n < 4; n++) void b2.client.pin(annBob, n % 2 === 0)
    await rig.clock.pass(1000)
    cutAtNextPage(rig, b)
    b.wake()
    await rig.clock.pass(8000)
    expect(b.transport.cuts).toBe(2)
    expect(b.client.conversations()).toHaveLength(2)
    rig.expectSound()
  })
})

describe('what a user changes', () => {
  test('in a message is told everywhere, as its own to the instance that asked', async () => {
    const rig = new Rig()
    const [a, a2, b] = [await rig.ready(ann), await rig.ready(ann), await rig.ready(bob)]
    void a.client.send(a.draft(annBob, 'one'))
    await rig.clock.pass(1000)
    const request = { conversationId: annBob, seq: 1, version: 0, elements: [{ type: 'text' as const, text: 'two' }] }
    const changed = watch(a.client.modify(request))
    await rig.clock.pass(1000)
    expect(changed).toMatchObject({ state: 'done', value: { version: 1 } })
    expect([a, a2, b].map((device) => device.told('modified').map(({ byThisInstance }) => byThisInstance))).toEqual([
      [true],
      [false],
      [false],
    ])
    expect(b.client.conversation(annBob)?.lastMessage).toMatchObject({ version: 1, elements: [{ text: 'two' }] })
    const late = watch(a2.client.modify({ ...request, elements: [{ type: 'text', text: 'other' }] }))
    await rig.clock.pass(1000)
    expect(late).toMatchObject({ state: 'failed', failure: 'MODIFY_CONFLICT' })
    rig.expectSound()
  })

  test('in a message is done when the answer was lost with the connection', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    void a.client.send(a.draft(annBob, 'one'))
    await rig.clock.pass(1000)
    a.transport.faults.cut = 1
    const elements = [{ type: 'text' as const, text: 'two' }]
    const changed = watch(a.client.modify({ conversationId: annBob, seq: 1, version: 0, elements }))
    await rig.clock.pass(100)
    a.transport.faults.cut = 0
    await rig.clock.pass(5000)
    expect(rig.asked('message.modify')).toHaveLength(2)
    expect(changed).toMatchObject({ state: 'done', value: { version: 1 } })
    expect(a.told('modified')).toMatchObject([{ byThisInstance: true }])
    rig.expectSound()
  })

  test('in a message that is revoked later is told of as revoked alone to a device that comes back after both', async () => {
    const rig = new Rig()
    const [a, b] = [await rig.ready(ann), await rig.ready(bob)]
    void a.client.send(a.draft(annBob, 'one'))
    await rig.clock.pass(1000)
    // His way back takes longer than both.
    b.transport.latencyMs = 3000
    b.transport.cut()
    void a.client.modify({ conversationId: annBob, seq: 1, version: 0, elements: [{ type: 'text', text: 'two' }] })
    await rig.clock.pass(1000)
    void a.client.revoke(annBob, 1)
    await rig.clock.pass(1000)
    b.transport.latencyMs = 5
    await rig.clock.pass(30_000)
    expect(b.told('revoked')).toMatchObject([{ seq: 1 }])
    expect(b.told('modified')).toEqual([])
    rig.expectSound()
  })

  test('in his profile is in `self` on all his devices when they are told', async () => {
    const rig = new Rig()
    const [a, a2] = [await rig.ready(ann), await rig.ready(ann)]
    const nicks: (string | undefined)[] = []
    a2.client.onChange((change) => {
      if (change.kind === 'profile') nicks.push(a2.client.self?.nick)
    })
    void a.client.ask('profile.update', { nick: 'Ms Wang' })
    await rig.clock.pass(1000)
    expect(nicks).toEqual(['Ms Wang'])
    expect(a.client.self).toMatchObject({ userId: ann, nick: 'Ms Wang' })
  })

  test('in what he wants to hear goes for all conversations he names', async () => {
    const rig = new Rig()
    const [a, b, b2] = [await rig.ready(ann), await rig.ready(bob), await rig.ready(bob)]
    await found(rig, a, [bob])
    rig.say(ann, bob)
    await rig.clock.pass(1000)
    void b.client.ask('conversation.remind', { conversationIds: [id, annBob], remind: 'discard' })
    await rig.clock.pass(1000)
    for (const device of [b, b2]) {
      for (const which of [id, annBob])
        expect(device.client.conversation(which)).toMatchObject({ remind: 'discard', unread: 0 })
    }
    rig.expectSound()
  })
})

describe('beside the messages', () => {
  test('receipts, reactions and receipt counts are told', async () => {
    const rig = new Rig()
    const [a, b] = [await rig.ready(ann), await rig.ready(bob)]
    await found(rig, a, [bob])
    for (const which of [annBob, id]) void a.client.send(a.draft(which, 'read me', { needsReceipt: true }))
    await rig.clock.pass(1000)
    void b.client.ask('receipt.send', { conversationId: annBob, seqs: [1] })
    void b.client.ask('receipt.send', { conversationId: id, seqs: [2] })
    void b.client.ask('reaction.add', { conversationId: id, seq: 2, reactionId: 'heart' })
    await rig.clock.pass(1000)
    expect(a.told('receipted')).toMatchObject([{ conversationId: annBob, seqs: [1] }])
    expect(b.told('receipted')).toEqual([])
    expect(a.client.conversation(annBob)?.lastMessage?.receiptAtMs).toBeGreaterThan(0)
    expect(a.told('receipt-counts')).toEqual([
      { kind: 'receipt-counts', conversationId: id, counts: [{ seq: 2, read: 1, unread: 0 }] },
    ])
    expect(b.told('annotated')).toMatchObject([
      { conversationId: id, annotation: { kind: 'reaction', reactionId: 'heart' } },
    ])
    rig.expectSound()
  })

  test('a request that is not safe to repeat is not repeated, others are', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const asked: string[] = []
    rig.server.intercept = (_, command) => {
      if (command.startsWith('group.')) asked.push(command)
      return command.startsWith('group.')
    }
    const adding = watch(a.client.ask('group.setCounters', { groupId, counters: { n: 1 }, adds: true }))
    const setting = watch(a.client.ask('group.setCounters', { groupId, counters: { n: 1 }, adds: false }))
    await rig.clock.pass(100)
    a.transport.cut()
    await rig.clock.pass(5000)
    expect(adding).toMatchObject({ state: 'failed', failure: 'TIMEOUT' })
    expect(setting.state).toBe('pending')
    expect(asked).toHaveLength(3)
  })

  test('requests that name messages do not reach another store than they meant', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    await found(rig, a, [bob])
    const backup = rig.server.backUp()
    rig.isUp = false
    a.transport.cut()
    await rig.clock.pass(10)
    const naming = [
      watch(a.client.ask('receipt.counts', { conversationId: id, seqs: [1] })),
      watch(a.client.ask('reaction.add', { conversationId: id, seq: 1, reactionId: 'x' })),
      watch(a.client.ask('group.pinMessage', { conversationId: id, seq: 1, pinned: true })),
      watch(a.client.ask('conversation.clear', { conversationId: id })),
      watch(a.client.modify({ conversationId: id, seq: 1, version: 0, elements: [{ type: 'text', text: 'x' }] })),
    ]
    const other = watch(a.client.ask('group.update', { groupId, name: 'new' }))
    rig.server.restore(backup)
    rig.isUp = true
    await rig.clock.pass(8000)
    expect(naming.map(({ failure }) => failure)).toEqual(Array.from({ length: 5 }, () => 'EPOCH_CHANGED'))
    expect(other.state).toBe('done')
    rig.expectSound()
  })
})
