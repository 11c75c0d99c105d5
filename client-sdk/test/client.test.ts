import { CLOSE, type UserId } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { watch } from './device.ts'
import { ann, annBob, annEve, bob, Rig } from './rig.ts'

describe('a login', () => {
  test('opens without a word about the network, and the snapshot follows in pages', async () => {
    const rig = new Rig()
    rig.server.pageSize = 1
    rig.say(bob, ann)
    rig.say('eve' as UserId, ann)
    const a = rig.device(ann)
    const login = watch(a.login())
    const synced: string[] = []
    await rig.clock.pass(20)
    expect(login).toMatchObject({ state: 'done', value: { userId: ann, tinyId: '100001', nick: 'n-ann' } })
    expect(a.client.isSyncComplete).toBe(false)
    void a.client.whenSynced().then(() => synced.push('synced'))
    await rig.clock.pass(1000)
    expect(synced).toEqual(['synced'])
    expect(a.changes).toMatchObject([
      { kind: 'conversations', ids: [annBob], isSyncComplete: false },
      { kind: 'conversations', ids: [annEve], isSyncComplete: true },
    ])
    expect(a.client.conversations().map(({ unread }) => unread)).toEqual([1, 1])
    rig.expectSound()
  })

  test('that is refused names the refusal and leaves the client as before', async () => {
    const rig = new Rig()
    const a = rig.device(ann)
    const refused = watch(a.client.login(ann, 'forged'))
    await rig.clock.pass(1000)
    expect(refused).toMatchObject({ state: 'failed', failure: 'SIGNATURE_INVALID' })
    expect(a.client.self).toBeUndefined()
    expect(a.changes).toEqual([])
    const login = watch(a.login())
    await rig.clock.pass(1000)
    expect(login.state).toBe('done')
  })

  test('fails when nobody is there, and when nobody answers', async () => {
    const rig = new Rig()
    rig.isUp = false
    const a = rig.device(ann)
    const nobody = watch(a.login())
    await rig.clock.pass(1000)
    expect(nobody).toMatchObject({ state: 'failed', failure: 'NO_NETWORK' })
    rig.isUp = true
    rig.server.intercept = () => true
    const silence = watch(a.login())
    await rig.clock.pass(20_000)
    expect(silence).toMatchObject({ state: 'failed', failure: 'TIMEOUT' })
    expect(rig.clock.pending).toBe(0)
    expect(a.changes).toEqual([])
  })

  test('asked for twice is one login; of another user ends the first', async () => {
    const rig = new Rig()
    const a = rig.device(ann)
    const first = watch(a.login())
    const second = watch(a.login())
    await rig.clock.pass(1000)
    const third = watch(a.login())
    await rig.clock.pass(1)
    expect([first.state, second.state, third.state]).toEqual(['done', 'done', 'done'])
    expect(a.transport.dials).toBe(1)
    const other = watch(a.client.login(bob, `sig:${bob}`))
    await rig.clock.pass(1000)
    expect(other.state).toBe('done')
    expect(a.client.self?.userId).toBe(bob)
    expect([...rig.server.sessions].map(({ userId }) => userId)).toEqual([bob])
    expect(rig.asked('session.close')).toHaveLength(1)
  })

  test('that is given up for another signature does not answer for it', async () => {
    const rig = new Rig()
    const a = rig.device(ann)
    const first = watch(a.client.login(ann, 'forged'))
    const second = watch(a.login())
    await rig.clock.pass(1000)
    expect(first).toMatchObject({ state: 'failed', failure: 'CLOSED' })
    expect(second.state).toBe('done')
  })

  test('is needed for everything else', async () => {
    const rig = new Rig()
    const a = rig.device(ann)
    const calls = [
      watch(a.client.send(a.draft(annBob, 'x'))),
      watch(a.client.read(annBob)),
      watch(a.client.history(annBob, { direction: 'older', limit: 10 })),
      watch(a.client.whenSynced()),
      watch(a.client.fetchConversation(annBob)),
    ]
    await rig.clock.pass(1)
    for (const call of calls) expect(call).toMatchObject({ state: 'failed', failure: 'NOT_LOGGED_IN' })
    expect(a.client.conversations()).toEqual([])
    expect(a.client.stateDigest()).toBe('[]')
  })
})

describe('a logout', () => {
  test('tells the server, ends what is under way, and leaves nothing running', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.server.intercept = (_, command) => command === 'message.send'
    const sends = [1, 2].map((n) => watch(a.client.send(a.draft(annBob, `m${n}`))))
    const history = watch(a.client.history(annBob, { direction: 'older', limit: 10 }))
    const logout = watch(a.client.logout())
    expect(a.client.self).toBeUndefined()
    await rig.clock.pass(3000)
    expect(logout.state).toBe('done')
    for (const call of [...sends, history]) expect(call).toMatchObject({ state: 'failed', failure: 'CLOSED' })
    expect(rig.asked('session.close')).toHaveLength(1)
    expect(rig.clock.pending).toBe(0)
    expect(a.told('ended')).toEqual([])
    expect(a.told('net')).toEqual([])
  })

  test('at any moment of any connection leaves nothing running and never rejects', async () => {
    for (let ms = 0; ms < 120; ms += 1) {
      const rig = new Rig(ms)
      rig.server.pageSize = 1
      for (const peer of [bob, 'eve' as UserId]) rig.say(peer, ann)
      const a = rig.device(ann)
      const login = watch(a.login())
      await rig.clock.pass(ms)
      if (ms % 3 === 0) a.transport.cut()
      if (ms % 3 === 1) a.transport.silence()
      const logout = watch(a.client.logout())
      await rig.clock.pass(5000)
      expect(logout.state).toBe('done')
      expect(login.state).not.toBe('pending')
      expect(rig.clock.pending).toBe(0)
      expect(rig.server.violations).toEqual([])
      const again = watch(a.login())
      await rig.clock.pass(2000)
      expect(again.state).toBe('done')
      rig.expectSound()
    }
  })

  test('whose farewell is cut short leaves nothing running either', async () => {
    for (const end of ['cut', 'silence', 'final'] as const) {
      const rig = new Rig()
      const a = await rig.ready(ann)
      rig.server.intercept = (_, command) => command === 'session.close'
      const logout = watch(a.client.logout())
      await rig.clock.pass(12)
      if (end === 'cut') {
        a.transport.cut()
        await rig.clock.pass(1)
        expect(rig.clock.pending).toBe(0)
      } else if (end === 'silence') a.transport.silence()
      else a.transport.cut(CLOSE.SIGNED_OUT)
      await rig.clock.pass(3000)
      expect(logout.state).toBe('done')
      expect(rig.clock.pending).toBe(0)
      expect(a.transport.dials).toBe(1)
      expect(a.told('ended')).toEqual([])
      expect(a.told('net')).toEqual([])
    }
  })

  test('inside a listener is a logout', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    a.client.onChange((change) => {
      a.changes.push(change)
      if (change.kind === 'messages') void a.client.logout()
    })
    rig.say(bob, ann)
    await rig.clock.pass(5000)
    expect(a.changes[a.changes.length - 1]?.kind).toBe('messages')
    expect(a.client.self).toBeUndefined()
    expect(rig.clock.pending).toBe(0)
    expect(a.errors).toEqual([])
  })
})

describe('a request', () => {
  test('whose answer was lost with the connection is asked again on the next one', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    a.transport.faults.cut = 1
    const pin = watch(a.client.pin(annBob, true))
    await rig.clock.pass(20)
    a.transport.faults.cut = 0
    await rig.clock.pass(5000)
    expect(pin.state).toBe('done')
    expect(rig.asked('conversation.pin')).toHaveLength(2)
    rig.expectSound()
  })

  test('that is never answered fails with TIMEOUT, that never went out with NO_NETWORK, after 15 s', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.server.intercept = (_, command) => command.startsWith('message.')
    const unanswered = [
      watch(a.client.send(a.draft(annBob, 'x'))),
      watch(a.client.send(a.draft(annBob, 'behind'))),
      watch(a.client.history(annBob, { direction: 'older', limit: 1 })),
    ]
    await rig.clock.pass(14_900)
    expect(unanswered.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending'])
    await rig.clock.pass(200)
    for (const call of unanswered) expect(call).toMatchObject({ state: 'failed', failure: 'TIMEOUT' })
    rig.isUp = false
    a.transport.cut()
    await rig.clock.pass(1)
    const offline = watch(a.client.send(a.draft(annBob, 'y')))
    await rig.clock.pass(15_100)
    expect(offline).toMatchObject({ state: 'failed', failure: 'NO_NETWORK' })
  })

  test('the server is too busy for is asked again within its time', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    rig.server.busy = 0.8
    const calls = Array.from({ length: 10 }, (_, n) => watch(a.client.pin(annBob, n % 2 === 0)))
    await rig.clock.pass(16_000)
    expect(calls.filter(({ state }) => state === 'done').length).toBeGreaterThan(5)
    for (const { state, failure } of calls) if (state === 'failed') expect(failure).toBe('BUSY')
  })

  test('a thousand at once all settle, and never more than a hundred are on the wire', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    let most = 0
    rig.server.lateMs = 50
    const calls = Array.from({ length: 1000 }, () => watch(a.client.profiles([bob])))
    for (let i = 0; i < 200; i++) {
      const before = rig.asked('profile.get').length
      await rig.clock.pass(5)
      most = Math.max(most, rig.asked('profile.get').length - before)
    }
    await rig.clock.pass(14_000)
    expect(calls.every(({ state }) => state === 'done')).toBe(true)
    expect(most).toBeLessThanOrEqual(100)
  })
})

describe('a listener that throws', () => {
  test('is reported and breaks nothing', async () => {
    const rig = new Rig()
    const a = rig.device(ann)
    a.client.onChange(() => {
      throw new Error('from the application')
    })
    void a.login()
    await rig.clock.pass(1000)
    rig.say(bob, ann)
    a.transport.cut()
    await rig.clock.pass(5000)
    rig.say(bob, ann)
    await rig.clock.pass(1000)
    expect(a.client.conversation(annBob)).toMatchObject({ unread: 2 })
    expect(a.errors.length).toBeGreaterThan(4)
    expect(a.client.stateDigest()).toBe(rig.server.digest(ann))
  })
})

describe('ids of messages', () => {
  test('are never made twice, even when the clock is set back', async () => {
    const rig = new Rig()
    const a = await rig.ready(ann)
    const ids = new Set<string>()
    for (let n = 0; n < 5000; n++) ids.add(a.client.newClientMsgId())
    rig.server.clock.after(0, () => undefined)
    await rig.clock.pass(1000)
    for (let n = 0; n < 5000; n++) ids.add(a.client.newClientMsgId())
    expect(ids.size).toBe(10_000)
    for (const id of ids) expect(id).toMatch(/^\d{10}-\d{1,10}$/)
  })

  test('carry the server’s seconds, not the device’s', async () => {
    const rig = new Rig()
    const a = rig.device(ann, { skewMs: -86_400_000 })
    void a.login()
    await rig.clock.pass(1000)
    expect(Math.abs(Number(a.client.newClientMsgId().split('-')[0]) - rig.clock.now() / 1000)).toBeLessThan(2)
    expect(Math.abs(a.client.serverNowMs() - rig.clock.now())).toBeLessThan(100)
  })
})
