import { CLIENT_PROTOCOL_VERSION, CLOSE, type RequestOf, type UserId } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { watch } from './device.ts'
import { ann, annBob, annEve, bob, eve, Rig } from './rig.ts'

describe('a lost connection', () => {
  test('comes back by itself, tells the network’s states, and brings what was missed once', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    a.transport.cut()
    rig.say(bob, ann, 'one')
    rig.say(bob, ann, 'two')
    await rig.clock.pass(5000)
    expect(a.told('net').map(({ state }) => state)).toEqual(['disconnected', 'connecting', 'connected'])
    expect(a.messages(annBob).map(({ seq }) => seq)).toEqual([1, 2])
    expect(rig.asked('session.open')).toMatchObject([{}, { resume: 1 }])
    expect(rig.asked('sync.snapshot')).toHaveLength(1)
    expect(rig.asked('sync.resume')).toMatchObject([{ epoch: 'epoch-1', cursors: [{ timeline: 'u:ann', offset: 0 }] }])
    rig.expectSound()
  })

  test('[CLOSE-1] 1000 is not final, nor is any other code that is not ours', async () => {
    for (const code of [1000, 1001, 1006, 1012, 3000, CLOSE.DRAINING, CLOSE.SLOW_CONSUMER, CLOSE.BUSY]) {
      const rig = new Rig()
      const a = await rig.ready(ann)
      a.transport.cut(code)
      await rig.clock.pass(5000)
      expect(a.transport.dials).toBe(2)
      expect(a.told('ended')).toEqual([])
    }
  })

  test('of a server that goes down in order is come back from within a second, however often one after the other', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    for (let dials = 2; dials < 10; dials++) {
      a.transport.cut(CLOSE.DRAINING)
      await rig.clock.pass(1100)
      expect(a.transport.dials).toBe(dials)
    }
    rig.expectSound()
  })

  test('[CLOSE-1] a final code ends the login with its reason, and nothing is dialled any more', async () => {
    const reasons = [
      [CLOSE.SIGNATURE_EXPIRED, 'signature-expired'],
      [CLOSE.DISPLACED_BY_ACCOUNT, 'displaced-by-account'],
      [CLOSE.DISPLACED_BY_DEVICE, 'displaced-by-device'],
      [CLOSE.ACCOUNT_DISABLED, 'signed-out-by-admin'],
      [CLOSE.SIGNED_OUT_BY_ADMIN, 'signed-out-by-admin'],
    ] as const
    for (const [code, reason] of reasons) {
      const rig = new Rig()
      const a = await rig.ready(ann)
      const pending = watch(a.client.send(a.draft(annBob, 'x')))
      a.transport.cut(code)
      await rig.clock.pass(120_000)
      expect(a.told('ended')).toEqual([{ kind: 'ended', reason }])
      expect(a.told('net')).toEqual([])
      expect(pending).toMatchObject({ state: 'failed', failure: 'CLOSED' })
      expect(a.client.self).toBeUndefined()
      expect(a.transport.dials).toBe(1)
      expect(rig.clock.pending).toBe(0)
    }
  })

  test('whose session is refused for good ends the login; refused for now it tries again', async () => {
    for (const [name, reason] of [
      ['SIGNATURE_EXPIRED', 'signature-expired'],
      ['DISPLACED', 'displaced-by-account'],
      ['ACCOUNT_DISABLED', 'signed-out-by-admin'],
      ['BUSY', undefined],
    ] as const) {
      const rig = new Rig()
      const a = await rig.ready(ann)
      rig.server.intercept = (session, command, id) => {
        if (command === 'session.open') session.refuse(id, name)
        return command === 'session.open'
      }
      a.transport.cut()
      await rig.clock.pass(120_000)
      expect(a.told('ended').map((ended) => ended.reason)).toEqual(reason === undefined ? [] : [reason])
      if (reason === undefined) expect(a.transport.dials).toBeGreaterThan(4)
      else expect(a.transport.dials).toBe(2)
    }
  })

  test('that nobody tells of is noticed by its silence (promise I13)', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    a.transport.silence()
    rig.say(bob, ann)
    await rig.clock.pass(36_000)
    expect(a.messages(annBob)).toHaveLength(1)
    rig.expectSound()
  })

  test('[LIVE-2] that nobody tells of is noticed at once when the device wakes', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    a.transport.silence()
    rig.say(bob, ann)
    a.wake()
    await rig.clock.pass(3100)
    expect(a.messages(annBob)).toHaveLength(1)
  })

  test('[LIVE-3] waiting for its next attempt tries at once when the device wakes, but not more often than once a second', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.isUp = false
    a.transport.cut()
    await rig.clock.pass(300_000)
    rig.isUp = true
    const before = a.transport.dials
    a.wake()
    await rig.clock.pass(500)
    expect(a.client.isSyncComplete).toBe(true)
    expect(a.transport.dials).toBe(before + 1)
    rig.isUp = false
    a.transport.cut()
    const start = a.transport.dials
    for (let ms = 0; ms < 10_000; ms += 50) {
      a.wake()
      await rig.clock.pass(50)
    }
    expect(a.transport.dials - start).toBeLessThanOrEqual(11)
  })

  test('is no storm when a server accepts and cuts at once (promise I13)', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.server.intercept = (session, command) => {
      if (command === 'sync.resume') session.close(CLOSE.CANNOT_FOLLOW)
      return command === 'sync.resume'
    }
    a.transport.cut()
    await rig.clock.pass(10_000)
    const inTenSeconds = a.transport.dials
    expect(inTenSeconds).toBeLessThanOrEqual(10)
    await rig.clock.pass(600_000)
    expect(a.transport.dials - inTenSeconds).toBeLessThan(80)
  })

  test('what is sent does not wait until all that was missed is there', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    let isHeld = true
    rig.server.intercept = (_session, command) => isHeld && command === 'sync.resume'
    a.transport.cut()
    const sent = a.client.send(a.draft(annBob, 'on my way'))
    await rig.clock.pass(5_000)
    await expect(sent).resolves.toMatchObject({ seq: 1 })
    isHeld = false
    await rig.clock.pass(30_000)
    rig.expectSound()
  })

  test('what is sent waits where the store is another one, until that is known', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.server.intercept = (_session, command) => command === 'sync.resume'
    rig.server.epoch = 'epoch-2'
    a.transport.cut()
    const sent = a.client.send(a.draft(annBob, 'on my way'))
    await rig.clock.pass(5_000)
    expect(rig.asked('message.send')).toEqual([])
    rig.server.intercept = () => false
    a.transport.cut()
    await rig.clock.pass(8_000)
    await expect(sent).resolves.toMatchObject({ seq: 1 })
    rig.expectSound()
  })

  test('leads back also to a node that has not been upgraded yet, and what was sent meanwhile waits for the resume', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.server.protocolVersion = CLIENT_PROTOCOL_VERSION
    let isHeld = true
    rig.server.intercept = (_session, command) => isHeld && command === 'sync.resume'
    a.transport.cut()
    const sent = a.client.send(a.draft(annBob, 'on my way'))
    await rig.clock.pass(5_000)
    expect(rig.asked('message.send')).toEqual([])
    isHeld = false
    a.transport.cut()
    await rig.clock.pass(8_000)
    await expect(sent).resolves.toMatchObject({ seq: 1 })
    rig.expectSound()
  })

  test('with very many conversations resumes in frames the server takes, the user’s own timeline last', async () => {
    const rig = new Rig()
    for (let n = 0; n < 1200; n++) {
      const peer = `peer-with-a-long-name-${n}` as UserId
      rig.server.users.set(peer, { tinyId: `${200_000 + n}`, nick: '', avatar: '' })
      rig.say(peer, ann)
    }
    const a = rig.device(ann)
    void a.login()
    await rig.clock.pass(5000)
    expect(a.client.conversations()).toHaveLength(1200)
    a.transport.cut()
    await rig.clock.pass(5000)
    const bodies = rig.asked('sync.resume') as { cursors: { timeline: string }[] }[]
    expect(bodies.length).toBeGreaterThan(2)
    const timelines = bodies.flatMap(({ cursors }) => cursors.map(({ timeline }) => timeline))
    expect(new Set(timelines).size).toBe(1201)
    expect(timelines[timelines.length - 1]).toBe('u:ann')
    for (const body of bodies) {
      expect(body.cursors.length).toBeLessThanOrEqual(500)
      expect(JSON.stringify(body).length).toBeLessThan(50 * 1024)
    }
    rig.expectSound()
  })

  test('with timelines too far behind takes their snapshots, in parts, and tells no message of them', async () => {
    const rig = new Rig()
    rig.server.catchUpEntries = 5
    for (let n = 0; n < 150; n++) {
      const peer = `p${n}` as UserId
      rig.server.users.set(peer, { tinyId: `${200_000 + n}`, nick: '', avatar: '' })
      rig.say(peer, ann)
    }
    const a = rig.device(ann)
    void a.login()
    await rig.clock.pass(5000)
    a.transport.cut()
    for (let n = 0; n < 150; n++) for (let i = 0; i < 6; i++) rig.say(`p${n}` as UserId, ann)
    await rig.clock.pass(5000)
    const named = rig.asked('sync.snapshot').filter((body) => JSON.stringify(body).includes('conversationIds'))
    expect(named).toHaveLength(2)
    expect(a.told('messages')).toEqual([])
    expect(a.client.conversations().every(({ unread }) => unread === 7)).toBe(true)
    rig.expectSound()
  })

  test('takes the states of what was missed in as many answers as they need, and loses no conversation', async () => {
    const rig = new Rig()
    const others = [bob, eve, 'joe' as UserId]
    rig.server.users.set('joe' as UserId, { tinyId: '200000', nick: '', avatar: '' })
    for (const other of others) rig.say(other, ann)
    const a = await rig.ready(ann)
    rig.server.catchUpEntries = 5
    rig.server.pageSize = 1
    rig.isUp = false
    a.transport.cut()
    for (let n = 0; n < 6; n++) for (const other of others) rig.say(other, ann)
    rig.isUp = true
    await rig.clock.pass(10_000)
    expect(rig.asked('sync.snapshot').length).toBe(1 + others.length)
    expect(a.told('left')).toEqual([])
    expect(a.client.conversations().map(({ unread }) => unread)).toEqual([7, 7, 7])
    rig.expectSound()
  })

  test('before the first snapshot was complete starts it again', async () => {
    const rig = new Rig()
    rig.server.pageSize = 1
    rig.say(bob, ann)
    rig.say('eve' as UserId, ann)
    const a = rig.device(ann)
    void a.login()
    await rig.clock.pass(30)
    expect(a.client.isSyncComplete).toBe(false)
    a.transport.cut()
    rig.say(bob, ann, 'while away')
    await rig.clock.pass(5000)
    expect(a.client.isSyncComplete).toBe(true)
    rig.expectSound()
  })
})

describe('before a page of the snapshot has said where they stand', () => {
  test('conversations take no entries: what is older than the login is never told', async () => {
    const rig = new Rig()
    rig.server.pageSize = 1
    rig.say(bob, ann)
    rig.say(eve, ann)
    const a = rig.device(ann)
    void a.login()
    await rig.clock.pass(27)
    a.transport.faults.mute = 1 // the second page is lost
    await rig.clock.pass(5)
    a.transport.faults.mute = 0
    rig.say(eve, ann, 'new')
    await rig.clock.pass(1000)
    expect(a.client.isSyncComplete).toBe(false)
    expect(a.told('messages')).toEqual([])
    await rig.clock.pass(30_000)
    expect(a.client.isSyncComplete).toBe(true)
    expect(a.messages(annEve).map(({ seq }) => seq)).toEqual([])
    expect(a.client.conversation(annEve)).toMatchObject({ unread: 2 })
    rig.expectSound()
  })

  test('a new conversation waits too, and its messages are told once when it is known to be new', async () => {
    const rig = new Rig()
    rig.server.pageSize = 1
    rig.say(bob, ann)
    const a = rig.device(ann)
    void a.login()
    rig.server.intercept = (session, command, id, body) => {
      if (command !== 'sync.snapshot') return false
      // The second page does not name it: it was not there when the first was made.
      if (JSON.stringify(body) !== '{}') {
        session.reply(id, { epoch: 'epoch-1', userOffset: 1, conversations: [] })
        return true
      }
      const state = rig.server.state(rig.server.room(annBob, ann), ann)
      session.toFollow.push(['u:ann' as never, rig.server.timeline('u:ann' as never).length])
      session.reply(id, { epoch: 'epoch-1', userOffset: 1, conversations: [state], next: '1' })
      rig.say(eve, ann, 'first')
      return true
    }
    a.client.onChange((change) => {
      a.changes.push(change)
      if (change.kind === 'messages') expect(a.client.isSyncComplete).toBe(true)
    })
    await rig.clock.pass(1000)
    expect(a.client.isSyncComplete).toBe(true)
    expect(a.messages(annEve).map(({ seq }) => seq)).toEqual([1])
    expect(a.client.conversation(annEve)).toMatchObject({ unread: 1 })
    rig.expectSound()
  })

  test('what was looked up belongs to an unknown epoch, and is not kept beyond the connection', async () => {
    const rig = new Rig()
    const backup = rig.server.backUp()
    rig.say(bob, ann)
    rig.server.intercept = (_, command) => command === 'sync.snapshot'
    const a = rig.device(ann)
    void a.login()
    await rig.clock.pass(100)
    void a.client.fetchConversation(annBob)
    await rig.clock.pass(100)
    expect(a.client.conversation(annBob)).toMatchObject({ unread: 1 })
    rig.server.intercept = () => false
    rig.server.restore(backup)
    await rig.clock.pass(5000)
    expect(a.client.isSyncComplete).toBe(true)
    expect(a.client.conversation(annBob)).toBeUndefined()
    rig.expectSound()
  })
})

describe('a store that went back in time (promise I12)', () => {
  test('is rebuilt from a snapshot; what had no answer is sent again, what named its numbers fails', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const b = await rig.ready(bob)
    rig.say(bob, ann, 'kept')
    const backup = rig.server.backUp()
    rig.say(bob, ann, 'lost')
    await rig.clock.pass(1000)
    rig.server.intercept = (_, command) => command === 'message.send' || command === 'receipt.read'
    const send = watch(a.client.send(a.draft(annBob, 'unanswered')))
    const read = watch(a.client.read(annBob))
    await rig.clock.pass(100)
    rig.server.intercept = () => false
    rig.server.restore(backup)
    await rig.clock.pass(5000)
    expect(send).toMatchObject({ state: 'done', value: { seq: 2 } })
    expect(read).toMatchObject({ state: 'failed', failure: 'EPOCH_CHANGED' })
    expect(a.client.conversation(annBob)).toMatchObject({ lastSeq: 2, unread: 1 })
    expect(b.client.conversation(annBob)).toMatchObject({ lastSeq: 2 })
    rig.expectSound()
  })

  test('tells nobody of his own message when the store that had kept it, and told him so, is gone', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const backup = rig.server.backUp()
    // Stored, and its entry comes; the answer is lost with the connection.
    rig.server.intercept = (_, command, _id, body) => {
      if (command !== 'message.send') return false
      rig.server.send(ann, body as RequestOf<'message.send'>)
      return true
    }
    const send = watch(a.client.send(a.draft(annBob, 'unanswered')))
    await rig.clock.pass(100)
    expect(a.client.conversation(annBob)).toMatchObject({ lastSeq: 1 })
    rig.server.intercept = () => false
    rig.server.restore(backup)
    await rig.clock.pass(5000)
    expect(send).toMatchObject({ state: 'done', value: { seq: 1 } })
    expect(a.messages(annBob)).toEqual([])
    rig.expectSound()
  })
})
