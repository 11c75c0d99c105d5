import { CLOSE, LIMITS, Refused } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { settle } from '../../test/kit/manual-clock.ts'
import { openSession, OPENING, standSession } from '../../test/kit/session-stand.ts'
import { encodeEntry } from '../timelines/payload.ts'

const MARK = { conversationId: 'c2c:anna:bert', seq: 1 }
const MESSAGE = { conversationId: 'c2c:anna:bert', elements: [{ type: 'text', text: 'hello' }] }

describe('requests', () => {
  test('[REQ-1] an id that is still pending is refused, and its first request is answered all the same', async () => {
    let end = (): void => {}
    const { connection, request } = await openSession({
      'receipt.read': () => new Promise((resolve) => (end = () => resolve({ readSeq: 1 }))),
    })
    request(2, 'receipt.read', MARK)
    await settle()
    request(2, 'receipt.read', MARK)
    expect(connection.answers.get(2)).toBe('DUPLICATE_REQUEST_ID')
    end()
    await settle()
    expect(connection.answers.get(2)).toEqual({ readSeq: 1 })
    request(2, 'receipt.read', MARK)
    await settle()
    end()
    await settle()
    expect(connection.frames.filter((frame) => frame['id'] === 2).map((frame) => frame['type'])).toEqual([
      'error',
      'reply',
      'reply',
    ])
  })

  test('[REQ-2] what a session asks takes effect in the order received; sends do not wait for each other', async () => {
    const begun: string[] = []
    const ends: (() => void)[] = []
    const handler = (name: string) => () => {
      begun.push(name)
      return new Promise((resolve) => ends.push(() => resolve({})))
    }
    const { request, connection } = await openSession({
      'message.send': handler('send'),
      'receipt.read': handler('read'),
    })
    request(2, 'message.send', { ...MESSAGE, clientMsgId: 'm1' })
    request(3, 'message.send', { ...MESSAGE, clientMsgId: 'm2' })
    request(4, 'receipt.read', MARK)
    request(5, 'message.send', { ...MESSAGE, clientMsgId: 'm3' })
    await settle()
    expect(begun).toEqual(['send', 'send'])
    ends[1]?.()
    await settle()
    expect([...connection.answers.keys()]).toEqual([1, 3])
    ends[0]?.()
    await settle()
    expect(begun).toEqual(['send', 'send', 'read'])
    ends[2]?.()
    await settle()
    expect(begun).toEqual(['send', 'send', 'read', 'send'])
  })

  test('[REQ-2] a message need not wait until everything missed has been handed over', async () => {
    let isCaughtUp = (): void => {}
    const { request, connection } = await openSession({
      'message.send': () => ({ seq: 1 }),
      'sync.pull': (caller) => {
        caller.stepAside()
        return new Promise((resolve) => {
          isCaughtUp = () => resolve({ entries: [], more: false })
        })
      },
    })
    request(2, 'sync.pull', { timeline: 'u:anna', after: 0 })
    request(3, 'message.send', { ...MESSAGE, clientMsgId: 'm1' })
    await settle()
    expect([...connection.answers.keys()]).toEqual([1, 3])
    // Its id is still in use ([REQ-1]).
    request(2, 'message.send', { ...MESSAGE, clientMsgId: 'm2' })
    await settle()
    expect(connection.answers.get(2)).toBe('DUPLICATE_REQUEST_ID')
    isCaughtUp()
    await settle()
    expect(connection.answers.get(2)).toEqual({ entries: [], more: false })
  })

  test('[REQ-3] each request gets one answer: reply, refusal, fault, unknown command, wrong body', async () => {
    const { request, connection } = await openSession({
      'receipt.read': () => ({ readSeq: 1 }),
      'sync.pull': () => {
        throw new Error('a fault')
      },
      'profile.get': () => Promise.reject(new Refused('BAD_USER_ID')),
    })
    request(2, 'receipt.read', MARK)
    request(3, 'sync.pull', { timeline: 'u:anna', after: 0 })
    request(4, 'profile.get', { userIds: ['x'] })
    request(5, 'no.such.command')
    request(6, 'receipt.read', { seq: 'x' })
    request(7, 'message.send', { ...MESSAGE, clientMsgId: 'm1', elements: [{ type: 'text', text: '\0' }] })
    await settle()
    expect([...connection.answers].sort(([a], [b]) => a - b).slice(1)).toEqual([
      [2, { readSeq: 1 }],
      [3, 'INTERNAL'],
      [4, 'BAD_USER_ID'],
      [5, 'UNKNOWN_COMMAND'],
      [6, 'BAD_REQUEST'],
      [7, 'BAD_TEXT'],
    ])
    expect(connection.frames).toHaveLength(7)
    expect(connection.closedWith).toBeUndefined()
  })

  test('[FWD-1] an unknown command is refused, not closed', async () => {
    const { request, connection } = await openSession()
    request(2, 'group.levitate', { height: 1 })
    await settle()
    expect(connection.answers.get(2)).toBe('UNKNOWN_COMMAND')
    expect(connection.closedWith).toBeUndefined()
  })

  test.each(['nonsense', '[]', '{"type":"push"}', '{"type":"request","id":0,"command":"x"}'])(
    '[CLOSE-4] the frame %j closes BAD_FRAME, and nothing after it is heard',
    async (text) => {
      const { session, connection, request } = await openSession({ 'receipt.read': () => ({ readSeq: 1 }) })
      session.receive(text)
      expect(connection.closedWith).toBe(CLOSE.BAD_FRAME)
      const before = connection.sent.length
      request(2, 'receipt.read', MARK)
      await settle()
      expect(connection.sent).toHaveLength(before)
    },
  )

  test('[REQ-4] sends have a limit of their own, so that reading much stops nobody from writing', async () => {
    const { request, connection, clock } = await openSession(
      { 'receipt.read': () => ({}), 'message.send': () => ({}), 'message.history': () => ({}) },
      4,
    )
    const history = { conversationId: MARK.conversationId, direction: 'older', limit: 1 }
    for (let id = 10; id < 20; id++) request(id, 'receipt.read', MARK)
    for (let id = 20; id < 30; id++) request(id, 'message.send', { ...MESSAGE, clientMsgId: `m${id}` })
    for (let id = 30; id < 40; id++) request(id, 'message.history', history)
    await settle()
    const refused = [...connection.answers].filter(([, answer]) => answer === 'TOO_MANY_REQUESTS').map(([id]) => id)
    expect(refused.filter((id) => id < 20)).toHaveLength(2)
    // From one device half as many.
    expect(refused.filter((id) => id >= 20 && id < 30)).toHaveLength(6)
    expect(refused.filter((id) => id >= 30)).toHaveLength(6)
    const frame = connection.frames.find(({ id }) => id === refused[2])
    expect(frame).toMatchObject({ error: { name: 'TOO_MANY_REQUESTS', retryable: true, retryAfterMs: 500 } })
    await clock.pass(1000)
    request(40, 'message.send', { ...MESSAGE, clientMsgId: 'm40' })
    await settle()
    expect(connection.answers.get(40)).toEqual({})
  })

  test('who goes on and on after refusals is not read from for a second, also when the inbox has room meanwhile', async () => {
    const ends: (() => void)[] = []
    const { request, connection, clock, session } = await openSession(
      {
        'receipt.read': () => ({}),
        'message.send': () => new Promise((resolve) => ends.push(() => resolve({}))),
      },
      2 * LIMITS.pendingRequests,
    )
    const flood = async (requests: number, id: number): Promise<void> => {
      for (let n = 0; n < requests; n++) request(id + n, 'receipt.read', MARK)
      await settle()
    }
    await flood(4 * LIMITS.pendingRequests, 10_000)
    connection.signals.length = 0
    await flood(200, 20_000)
    expect(connection.signals).toEqual([])
    for (let n = 0; n < LIMITS.pendingRequests; n++) {
      request(100 + n, 'message.send', { ...MESSAGE, clientMsgId: `m${n}` })
    }
    await flood(10, 30_000)
    expect(connection.signals).toEqual(['pause'])
    for (const end of ends) end()
    await settle()
    expect(connection.signals).toEqual(['pause'])
    expect([...connection.answers.values()].filter((answer) => answer === 'TOO_MANY_REQUESTS')).toHaveLength(210)
    await clock.pass(1_000)
    expect(connection.signals).toEqual(['pause', 'resume'])
    await flood(2_000, 40_000)
    expect(connection.signals.at(-1)).toBe('pause')
    session.close(CLOSE.DRAINING, '')
    expect(clock.alarms).toBe(0)
  })

  test('a session with too many pending requests is not read from until half of them are answered', async () => {
    const ends: (() => void)[] = []
    const { request, connection } = await openSession({
      'message.send': () => new Promise((resolve) => ends.push(() => resolve({}))),
    })
    for (let id = 2; id < 2 + LIMITS.pendingRequests; id++)
      request(id, 'message.send', { ...MESSAGE, clientMsgId: `m${id}` })
    expect(connection.signals).toEqual(['pause'])
    for (const end of ends.slice(0, LIMITS.pendingRequests / 2 - 1)) end()
    await settle()
    expect(connection.signals).toEqual(['pause'])
    ends[LIMITS.pendingRequests / 2]?.()
    await settle()
    expect(connection.signals).toEqual(['pause', 'resume'])
  })

  test('session.close gives the place back, is answered, and ends the connection', async () => {
    const { request, connection, calls, present, registry, broker } = await openSession()
    request(2, 'session.close')
    await settle()
    expect(calls.at(-1)).toBe('release')
    expect(connection.answers.get(2)).toEqual({})
    expect(connection.closedWith).toBe(CLOSE.SIGNED_OUT)
    expect(present).toEqual([])
    expect(registry.sessions).toBe(0)
    expect([...broker.subscribed]).toEqual([])
  })
})

describe('following', () => {
  const joined = { kind: 'joined', conversationId: 'c2c:anna:bert' as never, offset: 0, seq: 0, countable: 0 } as const

  test('[SYNC-3] a snapshot’s reply comes before what happened after it', async () => {
    const stood = standSession({
      'sync.snapshot': async (caller) => {
        await caller.following.hold(['u:anna' as never])
        caller.afterReply(() => caller.following.release([{ timeline: 'u:anna' as never, after: 0 }]))
        return { epoch: 'e', userOffset: 0, conversations: [] }
      },
    })
    stood.request(1, 'session.open', OPENING)
    await settle()
    stood.broker.bring('u:anna', stood.log.append('u:anna' as never, { ...joined, kind: 'cleared' } as never))
    stood.request(2, 'sync.snapshot')
    await settle()
    expect(stood.connection.frames.map(({ type, id, offset }) => [type, id ?? offset])).toEqual([
      ['reply', 1],
      ['reply', 2],
      ['push', 1],
    ])
  })

  test('[SYNC-4] a conversation that begins is followed from its first entry', async () => {
    const stood = standSession({
      'sync.snapshot': (caller) => {
        caller.afterReply(() => caller.following.release([{ timeline: 'u:anna' as never, after: 0 }]))
        return { epoch: 'e', userOffset: 0, conversations: [] }
      },
    })
    stood.request(1, 'session.open', OPENING)
    await settle()
    stood.request(2, 'sync.snapshot')
    await settle()
    const timeline = 'c:c2c:anna:bert' as never
    // The first message is committed and announced before the session has heard that the conversation exists.
    stood.log.append(timeline, { ...joined, kind: 'cleared' } as never)
    stood.broker.bring('u:anna', stood.log.append('u:anna' as never, joined))
    await settle()
    stood.broker.bring(timeline, stood.log.append(timeline, { ...joined, kind: 'cleared' } as never))
    expect(
      stood.connection.frames.filter(({ type }) => type === 'push').map(({ timeline: of, offset }) => [of, offset]),
    ).toEqual([
      ['u:anna', 1],
      [timeline, 1],
      [timeline, 2],
    ])
  })

  test('[CLOSE-3] a session that cannot be brought up to date is closed CANNOT_FOLLOW', async () => {
    const stood = standSession({
      'sync.snapshot': (caller) => {
        caller.afterReply(() => caller.following.release([{ timeline: 'u:anna' as never, after: 0 }]))
        return { epoch: 'e', userOffset: 0, conversations: [] }
      },
    })
    stood.request(1, 'session.open', OPENING)
    await settle()
    stood.broker.bring('u:anna', '5\n{"type":"push","entry":{"kind":"x"}}')
    stood.request(2, 'sync.snapshot')
    await settle()
    expect(stood.connection.closedWith).toBe(CLOSE.CANNOT_FOLLOW)
    expect([...stood.broker.subscribed]).toEqual([])
  })

  test('nothing is pushed to a session that is over', async () => {
    const { session, broker, log, connection } = await openSession()
    session.close(CLOSE.DRAINING, 'the server is going down')
    const before = connection.sent.length
    broker.bring('u:anna', encodeEntry('u:anna' as never, 1, joined))
    log.append('u:anna' as never, joined)
    await settle()
    expect(connection.sent).toHaveLength(before)
    expect(connection.closedWith).toBe(CLOSE.DRAINING)
  })
})

describe('health', () => {
  test('[PING-1] a silent peer is pinged, and closed NO_PONG when nothing is heard', async () => {
    const { session, connection, clock } = await openSession()
    await clock.pass(LIMITS.pingEveryMs - 1)
    session.checkHealth()
    expect(connection.sent).toHaveLength(1)
    await clock.pass(1)
    session.checkHealth()
    expect(connection.sent.at(-1)).toBe('{"type":"ping"}')
    await clock.pass(LIMITS.silenceMs - LIMITS.pingEveryMs)
    session.checkHealth()
    expect(connection.closedWith).toBe(CLOSE.NO_PONG)
  })

  test('[PING-1] any frame is a sign of life', async () => {
    const { session, connection, clock, request } = await openSession()
    for (const frame of ['{"type":"pong"}', '{"type":"ping"}']) {
      await clock.pass(LIMITS.silenceMs - 1)
      session.receive(frame)
      await clock.pass(LIMITS.silenceMs - 1)
      session.checkHealth()
    }
    request(9, 'no.such.command')
    await clock.pass(LIMITS.silenceMs - 1)
    session.checkHealth()
    expect(connection.closedWith).toBeUndefined()
  })

  test('a session ends with its signature', async () => {
    const stood = standSession()
    stood.doorway.expiresAtMs = stood.clock.now() + 5000
    stood.request(1, 'session.open', OPENING)
    await settle()
    await stood.clock.pass(4999)
    stood.session.checkHealth()
    expect(stood.connection.closedWith).toBeUndefined()
    await stood.clock.pass(1)
    stood.session.checkHealth()
    expect(stood.connection.closedWith).toBe(CLOSE.SIGNATURE_EXPIRED)
  })

  test('an end is counted once, by its name', async () => {
    const { session, closed } = await openSession()
    session.close(CLOSE.DRAINING, 'x')
    session.close(CLOSE.BAD_FRAME, 'x')
    session.onSocketClosed(1006)
    session.checkHealth()
    expect(closed).toEqual(['DRAINING'])
    const other = await openSession()
    other.session.onSocketClosed(1006)
    expect(other.closed).toEqual(['OTHER'])
  })
})
