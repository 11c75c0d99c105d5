import { CLOSE, type Entry, type UserId } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { watch } from './device.ts'
import { ann, annBob, annEve, bob, eve, Rig } from './rig.ts'

describe('a message', () => {
  test('reaches the peer once, and its sender by the answer alone', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const a2 = await rig.ready(ann)
    const b = await rig.ready(bob)
    const sent = watch(a.client.send(a.draft(annBob, 'hello')))
    await rig.clock.pass(1000)
    expect(sent).toMatchObject({ state: 'done', value: { seq: 1 } })
    expect(b.messages(annBob).map(({ seq }) => seq)).toEqual([1])
    expect(a.messages(annBob)).toEqual([])
    expect(a2.messages(annBob).map(({ senderId }) => senderId)).toEqual([ann])
    expect(b.client.conversation(annBob)).toMatchObject({
      unread: 1,
      lastSeq: 1,
      about: { peer: { userId: ann, nick: 'n-ann' } },
    })
    expect(a.client.conversation(annBob)).toMatchObject({ unread: 0, lastSeq: 1, about: { peer: { nick: 'n-bob' } } })
    rig.expectSound()
  })

  test('is in the store when its answer is here, whichever comes first, answer or push', async () => {
    for (const lateMs of [0, 200]) {
      for (const lose of [0, 1]) {
        const rig = new Rig()
        const a = await rig.ready(ann)
        rig.server.lateMs = lateMs
        a.transport.faults.lose = lose
        let lastId: string | undefined
        const draft = a.draft(annBob, 'hello', { customData: 'c', notLast: true })
        const second = a.draft(annBob, 'again')
        const sent = Promise.all([a.client.send(draft), a.client.send(second)]).then(() => {
          lastId = a.client.conversation(annBob)?.lastMessage?.id
        })
        await rig.clock.pass(2000)
        await sent
        expect(lastId).toBe(`100001-${second.clientMsgId}`)
        expect(a.client.conversation(annBob)?.lastMessage).toEqual(rig.server.data.rooms.get(annBob)?.messages[1])
        a.transport.faults.lose = 0
        a.transport.cut()
        await rig.clock.pass(5000)
        expect(a.messages(annBob)).toEqual([])
        rig.expectSound()
      }
    }
  })

  test('sent again after the answer was lost is stored once (promise I2)', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const b = await rig.ready(bob)
    a.transport.faults.cut = 1
    const sent = watch(a.client.send(a.draft(annBob, 'once')))
    await rig.clock.pass(100)
    a.transport.faults.cut = 0
    await rig.clock.pass(5000)
    expect(sent).toMatchObject({ state: 'done', value: { seq: 1 } })
    expect(rig.asked('message.send')).toHaveLength(2)
    expect(b.messages(annBob)).toHaveLength(1)
    expect(a.messages(annBob)).toEqual([])
    rig.expectSound()
  })

  test('sent while away goes out when the connection is back, in order (promise I3)', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const b = await rig.ready(bob)
    rig.isUp = false
    a.transport.cut()
    await rig.clock.pass(1)
    const sends = Array.from({ length: 20 }, (_, n) => watch(a.client.send(a.draft(n % 2 ? annBob : annEve, `m${n}`))))
    await rig.clock.pass(1000)
    rig.isUp = true
    await rig.clock.pass(8000)
    expect(sends.map(({ value }) => value?.seq)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10])
    expect(b.messages(annBob)).toHaveLength(10)
    rig.expectSound()
  })

  test('the server was too busy for is not overtaken by the next', async () => {
    const rig = new Rig(7)
    const a = await rig.ready(ann)
    rig.server.busy = 0.5
    const sends = Array.from({ length: 12 }, (_, n) => watch(a.client.send(a.draft(annBob, `m${n}`))))
    await rig.clock.pass(16_000)
    const seqs = sends.map(({ value }) => value?.seq).filter((seq) => seq !== undefined)
    expect(seqs.length).toBeGreaterThan(5)
    expect(seqs).toEqual([...seqs].sort((x, y) => x - y))
  })

  test('that is refused for good fails alone (promise I13, N24)', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const sends = ['one', 'poison', 'two'].map((text) => watch(a.client.send(a.draft(annBob, text))))
    await rig.clock.pass(1000)
    expect(sends.map(({ state }) => state)).toEqual(['done', 'failed', 'done'])
    expect(sends[1]?.failure).toBe('BAD_TEXT')
    expect(rig.asked('message.send')).toHaveLength(3)
    rig.expectSound()
  })

  test('that came through after its sender was told of a time-out is not told as another’s', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    a.transport.faults.mute = 1
    a.transport.faults.lose = 1
    const sent = watch(a.client.send(a.draft(annBob, 'x')))
    await rig.clock.pass(15_100)
    expect(sent).toMatchObject({ state: 'failed', failure: 'TIMEOUT' })
    a.transport.faults = { lose: 0, duplicate: 0, swap: 0, mute: 0, cut: 0 }
    a.transport.cut()
    await rig.clock.pass(5000)
    expect(a.client.conversation(annBob)?.lastSeq).toBe(1)
    expect(a.messages(annBob)).toEqual([])
    rig.expectSound()
  })

  test('of a stranger makes the conversation at once, with the name he shows, and his profile follows', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    a.client.onChange((change) => {
      a.changes.push(change)
      if (change.kind === 'messages') a.errors.push(a.client.conversation(annEve)?.about)
    })
    rig.say(eve, ann)
    await rig.clock.pass(1000)
    expect(a.errors).toEqual([{ type: 'c2c', peer: { userId: eve, nick: 'n-eve', avatar: '' } }])
    expect(a.client.conversation(annEve)?.about).toEqual({
      type: 'c2c',
      peer: { userId: eve, nick: 'n-eve', avatar: '' },
    })
    expect(rig.asked('conversation.get')).toHaveLength(1)
  })

  test('of a stranger whose profile is refused does not ask for it over and over', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.server.intercept = (session, command, id) => {
      if (command === 'conversation.get') session.refuse(id, 'NOT_A_MEMBER')
      return command === 'conversation.get'
    }
    rig.say(eve, ann)
    await rig.clock.pass(60_000)
    expect(rig.asked('conversation.get').length).toBeLessThanOrEqual(3)
    expect(a.client.conversation(annEve)).toMatchObject({ unread: 1 })
  })

  test('that is volatile comes once to others and not to its sender', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const a2 = await rig.ready(ann)
    const b = await rig.ready(bob)
    const sent = watch(a.client.sendVolatile(a.draft(annBob, 'typing')))
    await rig.clock.pass(1000)
    expect(sent.state).toBe('done')
    expect([a, a2, b].map((device) => device.told('volatile').length)).toEqual([0, 1, 1])
    expect(b.client.conversation(annBob)).toBeUndefined()
    rig.expectSound()
  })
})

describe('what was said', () => {
  test('is read, and both sides’ devices know it; without unread nothing is asked', async () => {
    const rig = new Rig()
    const [a, a2, b] = [await rig.ready(ann), await rig.ready(ann), await rig.ready(bob)]
    rig.say(bob, ann)
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    const reads = [a.client.read(annBob), a.client.read(annBob)].map(watch)
    await rig.clock.pass(1000)
    void a.client.read(annBob)
    await rig.clock.pass(1000)
    expect(reads.map(({ state }) => state)).toEqual(['done', 'done'])
    expect(rig.asked('receipt.read')).toEqual([{ conversationId: annBob, seq: 2 }])
    expect([a, a2].map((device) => device.client.conversation(annBob)?.unread)).toEqual([0, 0])
    expect(b.told('read-by-peer')).toMatchObject([{ conversationId: annBob, seq: 2 }])
    expect([a, a2].flatMap((device) => device.told('read-by-peer'))).toEqual([])
    rig.expectSound()
  })

  test('is unread no longer at the moment the promise resolves', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    a.transport.faults.lose = 1
    const unread: (number | undefined)[] = []
    void a.client.read(annBob).then(() => unread.push(a.client.conversation(annBob)?.unread))
    await rig.clock.pass(1000)
    expect(unread).toEqual([0])
  })

  test('is revoked everywhere, and only the asking instance is told that it asked', async () => {
    const rig = new Rig()
    const [a, a2, b] = [await rig.ready(ann), await rig.ready(ann), await rig.ready(bob)]
    void a.client.send(a.draft(annBob, 'oops'))
    await rig.clock.pass(1000)
    const revoked = watch(a.client.revoke(annBob, 1, 'typo'))
    const notMine = watch(b.client.revoke(annBob, 1))
    await rig.clock.pass(1000)
    expect(revoked.state).toBe('done')
    expect(notMine).toMatchObject({ state: 'failed', failure: 'NOT_THE_SENDER' })
    const told = [a, a2, b].map((device) => device.told('revoked').map((change) => change.byThisInstance))
    expect(told).toEqual([[true], [false], [false]])
    expect(b.told('revoked')).toMatchObject([{ conversationId: annBob, seq: 1, by: ann, reason: 'typo' }])
    expect(b.client.conversation(annBob)).toMatchObject({
      unread: 0,
      lastMessage: { elements: [], revoked: { by: ann } },
    })
    rig.expectSound()
  })

  test('is deleted for one side; the message before it becomes the last on all devices', async () => {
    const rig = new Rig()
    const [a, a2, b] = [await rig.ready(ann), await rig.ready(ann), await rig.ready(bob)]
    for (const text of ['one', 'two', 'three']) rig.say(bob, ann, text)
    await rig.clock.pass(1000)
    void a.client.deleteMessages(annBob, [2, 3])
    await rig.clock.pass(1000)
    for (const device of [a, a2]) {
      expect(device.client.conversation(annBob)).toMatchObject({ unread: 1, lastMessage: { seq: 1 } })
      expect(device.told('deleted')).toEqual([{ kind: 'deleted', conversationId: annBob, seqs: [2, 3] }])
    }
    expect(b.told('deleted')).toEqual([])
    rig.expectSound()
  })

  test('is cleared, and told once, whichever comes first, answer or entry', async () => {
    for (const lateMs of [0, 300]) {
      const rig = new Rig()
      const [a, a2] = [await rig.ready(ann), await rig.ready(ann)]
      rig.say(bob, ann)
      await rig.clock.pass(1000)
      rig.server.lateMs = lateMs
      void a.client.clear(annBob)
      await rig.clock.pass(1000)
      for (const device of [a, a2]) {
        expect(device.told('cleared')).toEqual([{ kind: 'cleared', conversationId: annBob, upToSeq: 1 }])
        expect(device.client.conversation(annBob)?.lastMessage).toBeUndefined()
        expect(device.client.conversation(annBob)?.unread).toBe(0)
      }
      rig.expectSound()
    }
  })

  test('is paged both ways', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    for (let n = 0; n < 7; n++) rig.say(bob, ann, `m${n}`)
    const newest = watch(a.client.history(annBob, { direction: 'older', limit: 3 }))
    const rest = watch(a.client.history(annBob, { direction: 'newer', from: { seq: 5 }, limit: 5 }))
    await rig.clock.pass(1000)
    expect(newest.value?.messages.map(({ seq }) => seq)).toEqual([5, 6, 7])
    expect(newest.value?.isComplete).toBe(false)
    expect(rest.value?.messages.map(({ seq }) => seq)).toEqual([6, 7])
    expect(rest.value?.isComplete).toBe(true)
  })
})

describe('a conversation', () => {
  test('is pinned and unpinned on all devices', async () => {
    const rig = new Rig()
    const [a, a2] = [await rig.ready(ann), await rig.ready(ann)]
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    void a.client.pin(annBob, true)
    await rig.clock.pass(1000)
    expect([a, a2].every((device) => device.client.conversation(annBob)?.pinnedAtMs !== undefined)).toBe(true)
    void a2.client.pin(annBob, false)
    await rig.clock.pass(1000)
    expect([a, a2].every((device) => device.client.conversation(annBob)?.pinnedAtMs === undefined)).toBe(true)
    rig.expectSound()
  })

  test('is out of sight when the promise resolves, and comes back with something newer', async () => {
    const rig = new Rig()
    const [a, a2] = [await rig.ready(ann), await rig.ready(ann)]
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    a.transport.faults.lose = 1
    const sizes: number[] = []
    void a.client.hide([annBob], { clears: true }).then(() => sizes.push(a.client.conversations().length))
    await rig.clock.pass(1000)
    expect(sizes).toEqual([0])
    expect(a2.client.conversations()).toEqual([])
    a.transport.faults.lose = 0
    a.transport.cut()
    rig.say(bob, ann, 'newer')
    await rig.clock.pass(5000)
    expect(a.client.conversations()).toMatchObject([{ unread: 1, lastMessage: { seq: 2 } }])
    rig.expectSound()
  })

  test('that was only looked up has the peer’s profile, and goes without asking the server', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const looked = watch(a.client.fetchConversation(annEve))
    await rig.clock.pass(1000)
    expect(looked.value).toMatchObject({ about: { peer: { nick: 'n-eve' } }, lastSeq: 0, unread: 0, isVisible: true })
    expect(a.client.conversations()).toHaveLength(1)
    a.transport.cut()
    await rig.clock.pass(5000)
    expect(a.client.conversations()).toHaveLength(1)
    void a.client.hide([annEve], { clears: true })
    await rig.clock.pass(1)
    expect(a.client.conversations()).toEqual([])
    expect(rig.asked('conversation.hide')).toEqual([])
    const nobody = watch(a.client.fetchConversation('c2c:ann:nobody' as typeof annEve))
    await rig.clock.pass(1000)
    expect(nobody).toMatchObject({ state: 'failed', failure: 'NO_SUCH_USER' })
    rig.expectSound()
  })

  test('looked up while the first message to it is on its way misses nothing', async () => {
    for (let ms = 0; ms < 40; ms++) {
      const rig = new Rig(ms)
      const a = rig.device(ann)
      void a.login()
      await rig.clock.pass(ms)
      a.client.fetchConversation(annEve).catch(() => undefined)
      rig.clock.after(ms % 13, () => rig.say(eve, ann))
      await rig.clock.pass(2000)
      expect(a.client.conversation(annEve)).toMatchObject({ lastSeq: 1, unread: 1 })
      rig.expectSound()
    }
  })
})

describe('a gap', () => {
  test('[PUSH-3] is closed by one pull before anything behind it is applied', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    a.transport.faults.lose = 1
    rig.say(bob, ann)
    rig.say(bob, ann)
    a.transport.faults.lose = 0
    for (let n = 0; n < 5; n++) rig.say(bob, ann)
    await rig.clock.pass(1000)
    expect(a.messages(annBob).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(rig.asked('sync.pull')).toHaveLength(1)
    rig.expectSound()
  })

  test('[PUSH-2] what comes twice or late is applied once', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    a.transport.faults.duplicate = 1
    for (let n = 0; n < 5; n++) rig.say(bob, ann)
    await rig.clock.pass(1000)
    expect(a.messages(annBob).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    expect(rig.asked('sync.pull')).toEqual([])
  })

  test('that three pulls cannot close, or that is too wide, is replaced by a snapshot of that conversation', async () => {
    for (const refusal of ['INTERNAL', 'TOO_FAR_BEHIND'] as const) {
      const rig = new Rig()
      const a = await rig.ready(ann)
      rig.say(bob, ann)
      await rig.clock.pass(1000)
      rig.server.intercept = (session, command, id) => {
        if (command !== 'sync.pull') return false
        if (refusal === 'INTERNAL') session.refuse(id, 'BAD_REQUEST')
        else session.refuse(id, refusal)
        return true
      }
      a.transport.faults.lose = 1
      rig.say(bob, ann)
      a.transport.faults.lose = 0
      rig.say(bob, ann)
      await rig.clock.pass(20_000)
      expect(rig.asked('sync.pull')).toHaveLength(refusal === 'INTERNAL' ? 3 : 1)
      expect(rig.asked('sync.snapshot')).toEqual([{}, { conversationIds: [annBob] }])
      expect(a.transport.dials).toBe(1)
      rig.say(bob, ann, 'live again')
      await rig.clock.pass(1000)
      expect(a.messages(annBob).map(({ seq }) => seq)).toEqual([1, 4])
      rig.expectSound()
    }
  })

  test('in the user’s own timeline that cannot be closed is replaced by a whole snapshot', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const a2 = await rig.ready(ann)
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    rig.server.intercept = (session, command, id) => {
      if (command === 'sync.pull') session.refuse(id, 'TOO_FAR_BEHIND')
      return command === 'sync.pull'
    }
    a.transport.faults.lose = 1
    void a2.client.pin(annBob, true)
    await rig.clock.pass(100)
    a.transport.faults.lose = 0
    rig.say(eve, ann)
    await rig.clock.pass(5000)
    expect(a.client.conversation(annBob)?.pinnedAtMs).toBeDefined()
    expect(a.client.conversation(annEve)).toMatchObject({ unread: 1 })
    expect(a.transport.dials).toBe(1)
    rig.expectSound()
  })

  test('in a conversation that is not ours any more drops it', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    rig.server.intercept = (session, command, id) => {
      if (command === 'sync.pull') session.refuse(id, 'NOT_A_MEMBER')
      return command === 'sync.pull'
    }
    a.transport.faults.lose = 1
    rig.say(bob, ann)
    a.transport.faults.lose = 0
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    expect(a.client.conversation(annBob)).toBeUndefined()
    expect(a.told('conversations').some(({ ids }) => ids.includes(annBob))).toBe(true)
  })
})

describe('a frame', () => {
  test('[FWD-1] of a kind not known is passed over, and the rest goes on', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    for (const session of rig.server.sessions) session.transmit({ type: 'from the future', timeline: 'u:ann' })
    rig.say(bob, ann)
    await rig.clock.pass(10)
    rig.server.data.timelines.get(`c:${annBob}` as never)?.push({ kind: 'from the future' } as unknown as Entry)
    for (const session of rig.server.sessions) session.deliver(`c:${annBob}` as never)
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    expect(a.messages(annBob).map(({ seq }) => seq)).toEqual([1, 2])
    expect(rig.asked('sync.pull')).toEqual([])
    expect(a.transport.dials).toBe(1)
  })

  test('that breaks the reader starts the connection again instead of leaving it in doubt', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.server.intercept = (session, command, id) => {
      if (command !== 'conversation.get') return false
      session.reply(id, { conversation: null })
      rig.server.intercept = () => false
      return true
    }
    const fetched = watch(a.client.fetchConversation(annEve))
    await rig.clock.pass(5000)
    expect(fetched).toMatchObject({ state: 'failed', failure: 'INTERNAL' })
    expect(a.errors).toHaveLength(1)
    expect(a.transport.dials).toBe(2)
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    expect(a.messages(annBob)).toHaveLength(1)
  })

  test('of the same instance’s newer connection ends only the leftover', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    a.transport.silence()
    a.wake()
    await rig.clock.pass(5000)
    expect([...rig.server.sessions].filter(({ userId }) => userId === ann)).toHaveLength(1)
    rig.server.closeAll(CLOSE.REPLACED, 'nobody' as UserId)
    expect(a.told('ended')).toEqual([])
  })
})
