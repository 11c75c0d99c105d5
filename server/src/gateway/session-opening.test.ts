import { CLOSE, LIMITS, Refused, type ErrorName } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { settle } from '../../test/kit/manual-clock.ts'
import { openSession, OPENING, standSession } from '../../test/kit/session-stand.ts'

const MARK = { conversationId: 'c2c:anna:bert', seq: 1 }

describe('opening', () => {
  test('a session that is let in is told its login, follows its own timeline, and is present', async () => {
    const { connection, session, broker, registry, present, doorway, calls } = await openSession()
    expect(connection.answers.get(1)).toMatchObject({
      loginKey: 31,
      tinyId: '144115',
      nick: 'Anna',
      epoch: 'epoch',
      pingEveryMs: LIMITS.pingEveryMs,
    })
    // What is written from now on is meant for this store (I12).
    expect(session.epoch).toBe('epoch')
    expect([...broker.subscribed]).toEqual(['u:anna'])
    expect(registry.ofLogin(31)).toEqual([session])
    expect(present).toEqual([{ userId: 'anna', loginKey: 31, device: 'node' }])
    expect(doorway.opened).toBe(1)
    // Before a place is taken: whoever takes it away again must be heard.
    expect(calls).toEqual(['admit, following u:anna'])
  })

  test('a session that a newer one has displaced on its way in is told that it was let in, and then why it ends', async () => {
    const { connection, request, registry, present, closed } = standSession()
    registry.displace(31, CLOSE.DISPLACED_BY_ACCOUNT)
    request(1, 'session.open', OPENING)
    await settle()
    expect(connection.answers.get(1)).toMatchObject({ loginKey: 31 })
    expect(connection.closedWith).toBe(CLOSE.DISPLACED_BY_ACCOUNT)
    expect([registry.connections, present, closed]).toEqual([0, [], ['DISPLACED_BY_ACCOUNT']])
  })

  test.each(['message.send', 'session.close', 'sync.snapshot', 'no.such.command', ''])(
    '[OPEN-1] %j as the first request closes BAD_FRAME',
    (command) => {
      const { connection, request, closed } = standSession()
      request(1, command, {})
      expect(connection.closedWith).toBe(CLOSE.BAD_FRAME)
      expect(closed).toEqual(['BAD_FRAME'])
    },
  )

  test('[OPEN-1] a second request before the first is answered closes BAD_FRAME, and nobody is let in', async () => {
    for (const command of ['message.send', 'session.open']) {
      const { connection, request, registry, session, present } = standSession()
      request(1, 'session.open', OPENING)
      request(2, command, OPENING)
      await settle()
      expect(connection.closedWith).toBe(CLOSE.BAD_FRAME)
      expect(session.isOpen).toBe(false)
      expect(registry.connections).toBe(0)
      expect(present).toEqual([])
    }
  })

  test('[OPEN-1] signals are no requests: a ping may come first, and is answered', async () => {
    const { connection, session } = standSession()
    session.receive('{"type":"ping"}')
    session.receive('{"type":"pong"}')
    expect(connection.sent).toEqual(['{"type":"pong"}'])
    expect(connection.closedWith).toBeUndefined()
  })

  test('[OPEN-2] a connection that opens no session in time is closed OPEN_TIMEOUT, however busy it is', async () => {
    const { connection, session, clock } = standSession()
    await clock.pass(LIMITS.openTimeoutMs - 1)
    session.receive('{"type":"ping"}')
    session.checkHealth()
    expect(connection.closedWith).toBeUndefined()
    await clock.pass(1)
    session.checkHealth()
    expect(connection.closedWith).toBe(CLOSE.OPEN_TIMEOUT)
  })

  test('a session that is open is not closed for the time its opening had', async () => {
    const { connection, session, clock } = await openSession()
    await clock.pass(LIMITS.openTimeoutMs)
    session.checkHealth()
    expect(connection.closedWith).toBeUndefined()
  })

  test.each<[ErrorName, number]>([
    ['VERSION_NOT_SUPPORTED', CLOSE.VERSION_NOT_SUPPORTED],
    ['WRONG_APP', CLOSE.SIGNATURE_INVALID],
    ['SIGNATURE_EMPTY', CLOSE.SIGNATURE_INVALID],
    ['SIGNATURE_INVALID', CLOSE.SIGNATURE_INVALID],
    ['SIGNATURE_EXPIRED', CLOSE.SIGNATURE_EXPIRED],
    ['SIGNATURE_OF_OTHER_USER', CLOSE.SIGNATURE_INVALID],
    ['DISPLACED', CLOSE.DISPLACED_BY_ACCOUNT],
    ['ACCOUNT_DISABLED', CLOSE.ACCOUNT_DISABLED],
    ['BUSY', CLOSE.BUSY],
    ['INTERNAL', CLOSE.BUSY],
  ])('[OPEN-4] an opening refused %s is answered, then closed %i', async (name, code) => {
    const stood = standSession()
    stood.doorway.refusal = new Refused(name)
    stood.request(1, 'session.open', OPENING)
    await settle()
    expect(stood.connection.answers.get(1)).toBe(name)
    expect(stood.connection.closedWith).toBe(code)
    expect([...stood.broker.subscribed]).toEqual([])
    expect(stood.registry.connections).toBe(0)
    expect(stood.present).toEqual([])
  })

  test('[OPEN-4] a fault while opening is answered INTERNAL, and closed so that the client comes back', async () => {
    const stood = standSession()
    stood.doorway.refusal = new Error('a secret of ours')
    stood.request(1, 'session.open', OPENING)
    await settle()
    expect(stood.connection.answers.get(1)).toBe('INTERNAL')
    expect(stood.connection.sent.join()).not.toContain('secret')
    expect(stood.connection.closedWith).toBe(CLOSE.BUSY)
  })

  test.each([
    ['no body', undefined],
    ['a field missing', { ...OPENING, userSig: undefined }],
    ['an unknown device', { ...OPENING, device: 'toaster' }],
    ['a version that is a text', { ...OPENING, protocolVersion: '1' }],
    ['a loginKey of 0', { ...OPENING, resume: 0 }],
  ])('an opening with %s is refused BAD_REQUEST and closed BAD_FRAME', async (_what, body) => {
    const { connection, request } = standSession()
    request(1, 'session.open', body)
    await settle()
    expect(connection.answers.get(1)).toBe('BAD_REQUEST')
    expect(connection.closedWith).toBe(CLOSE.BAD_FRAME)
  })

  test('a connection that ends while it is being opened leaves nothing behind', async () => {
    const { session, broker, registry, present, request, doorway } = standSession()
    broker.isHolding = true
    request(1, 'session.open', OPENING)
    await settle()
    session.onSocketClosed(1006)
    broker.waiting[0]?.confirm()
    await settle()
    expect(session.isOpen).toBe(false)
    expect(present).toEqual([])
    expect(registry.connections).toBe(0)
    expect(registry.sessions).toBe(0)
    expect([...broker.subscribed]).toEqual([])
    expect(doorway.opened).toBe(0)
  })

  test('who turns out to have no account while the broker confirms leaves nothing behind', async () => {
    const { connection, broker, registry, request, doorway } = standSession()
    broker.isHolding = true
    doorway.hasNoAccount = true
    request(1, 'session.open', OPENING)
    await settle()
    expect(connection.answers.get(1)).toBe('NO_SUCH_USER')
    expect(connection.closedWith).toBe(CLOSE.SIGNATURE_INVALID)
    broker.waiting[0]?.confirm()
    await settle()
    expect([...broker.subscribed]).toEqual([])
    expect(registry.connections).toBe(0)
  })

  test('a second session.open is refused, and the first session goes on', async () => {
    const { connection, request } = await openSession({ 'receipt.read': () => ({ readSeq: 1 }) })
    request(2, 'session.open', OPENING)
    await settle()
    request(3, 'receipt.read', MARK)
    await settle()
    expect(connection.answers.get(2)).toBe('ALREADY_OPEN')
    expect(connection.answers.get(3)).toEqual({ readSeq: 1 })
    expect(connection.closedWith).toBeUndefined()
  })
})
