import { readFileSync } from 'node:fs'
import { COMMANDS, conversationTimeline, LIMITS, type CommandName, type ConversationId } from '@hongyan/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { conversationOf, Pair, refusalOf } from './kit/pair.ts'
import { until } from './kit/until.ts'
import { openingOf, WireClient } from './kit/wire-client.ts'
import { startWorld, userSigOf, type World } from './kit/world.ts'

let world: World
let pair: Pair
let anna: WireClient
let count = 0
const conversationId = conversationOf('anna', 'bert')
const rejections: unknown[] = []
const onRejection = (err: unknown): number => rejections.push(err)
const draftOf = (element: unknown, fields: object = {}): object => pair.draftOf(element, fields)

beforeAll(async () => {
  process.on('unhandledRejection', onRejection)
  world = await startWorld({ env: { INSTANCES_PER_DEVICE: '10' } })
  pair = await Pair.meet(world)
  anna = pair.anna
})

// Those who behave are served as before.
afterEach(async () => {
  expect(pair.anna.isOpen && pair.bert.isOpen).toBe(true)
  await pair.say({ type: 'text', text: 'still here' })
  expect(rejections).toEqual([])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

afterAll(async () => {
  process.off('unhandledRejection', onRejection)
  pair.close()
  await world.stop()
})

describe('the first request', () => {
  test.each([
    ['a request', '{"type":"request","id":1,"command":"message.send","body":{}}'],
    ['a request to close', '{"type":"request","id":1,"command":"session.close","body":{}}'],
    ['a reply', '{"type":"reply","id":1,"body":{}}'],
    ['no JSON', 'hello'],
  ])('[OPEN-1] %s before the session is open closes 4500', async (_what, text) => {
    const client = await WireClient.connect(world.endpoint())
    client.sendText(text)
    expect(await client.closed).toBe(4500)
  })

  test('[OPEN-1] a request right behind the first, before that is answered, closes 4500', async () => {
    const client = await WireClient.connect(world.endpoint())
    client.send({ type: 'request', id: 1, command: 'session.open', body: openingOf('carla') })
    client.send({ type: 'request', id: 2, command: 'sync.snapshot', body: {} })
    expect(await client.closed).toBe(4500)
  })

  test('a second session.open is refused, and the first session goes on', async () => {
    expect(await refusalOf(anna.request('session.open', openingOf('anna')))).toBe('ALREADY_OPEN')
  })

  test.each([
    ['[OPEN-3] a version that is too old', { protocolVersion: 0 }, 'VERSION_NOT_SUPPORTED', 4502],
    ['[OPEN-3] a version from the future', { protocolVersion: 999 }, 'VERSION_NOT_SUPPORTED', 4502],
    ['[OPEN-4] another application', { sdkAppId: 1 }, 'WRONG_APP', 4503],
    ['[OPEN-4] no signature', { userSig: '' }, 'SIGNATURE_EMPTY', 4503],
    ['[OPEN-4] a signature that is none', { userSig: 'x' }, 'SIGNATURE_UNREADABLE', 4503],
    ['[OPEN-4] the signature of another', { userSig: userSigOf('bert') }, 'SIGNATURE_OF_OTHER_USER', 4503],
    ['[OPEN-4] a signature of 64 KB', { userSig: 'e'.repeat(60_000) }, 'SIGNATURE_UNREADABLE', 4503],
    ['[OPEN-4] a login that never was', { resume: 999_999 }, 'DISPLACED', 4505],
    ['[OPEN-4] a user id with a space', { userId: 'an na' }, 'BAD_USER_ID', 4503],
    ['[OPEN-4] a user id of 33 bytes', { userId: '王'.repeat(11) }, 'BAD_USER_ID', 4503],
    ['[OPEN-4] a user id with NUL', { userId: 'anna\0' }, 'BAD_TEXT', 4503],
    ['[OPEN-4] a user id with half a surrogate pair', { userId: 'anna\ud83d' }, 'BAD_TEXT', 4503],
    ['[OPEN-4] a device we do not know', { device: 'toaster' }, 'BAD_REQUEST', 4500],
    ['[OPEN-4] an instance id with a slash', { instanceId: 'a/b' }, 'BAD_REQUEST', 4500],
    ['[OPEN-4] a version that is a text', { protocolVersion: '1' }, 'BAD_REQUEST', 4500],
  ])('%s is answered, then closed', async (_what, fields, name, code) => {
    const client = await WireClient.connect(world.endpoint())
    expect(await refusalOf(client.request('session.open', openingOf('carla', fields)))).toBe(name)
    expect(await client.closed).toBe(code)
  })

  test.each([
    '__proto__',
    'constructor',
    "';DROP/**/TABLE/**/account;--",
    '%00',
    '../../etc',
    '{"a":1}',
    '😀',
    '王:老师',
    '\u202eanna',
    'e\u0301',
    '\u00e9',
  ])('a user may be called %j', async (userId) => {
    const client = await WireClient.open(world.endpoint(), userId)
    const { conversations } = await client.request('sync.snapshot', {})
    expect(conversations).toEqual([])
    const { conversation } = await client.request('conversation.get', {
      conversationId: conversationOf(userId, 'bert'),
    })
    expect(conversation.about).toMatchObject({ type: 'c2c', peer: { userId: 'bert' } })
    client.close()
  })
})

describe('requests that are wrong', () => {
  test('[REQ-1] an id that is still pending is refused, and both answers come', async () => {
    const first = anna.answerTo(77_777)
    const request = { type: 'request', id: 77_777, command: 'sync.snapshot', body: {} }
    anna.send(request)
    anna.send(request)
    expect(await refusalOf(first)).toBe('DUPLICATE_REQUEST_ID')
    const answers = await until('both answers', () => {
      const found = anna.frames.filter((frame) => 'id' in frame && frame.id === 77_777)
      return found.length === 2 ? found : undefined
    })
    expect(answers.map(({ type }) => type)).toEqual(['error', 'reply'])
  })

  test('[FWD-1] an unknown command is refused, and the session goes on', async () => {
    for (const command of [
      '',
      'message',
      'group.explode',
      'constructor',
      '__proto__',
      'toString',
      'x'.repeat(50_000),
      '王',
      '\0',
    ]) {
      expect(await refusalOf(anna.request(command as CommandName, {}))).toBe('UNKNOWN_COMMAND')
    }
  })

  test('[FWD-1] fields we do not know are ignored', async () => {
    const body = draftOf({ type: 'text', text: 'x' }, { colour: 'red', __proto__: undefined })
    expect(await anna.request('message.send', body)).toMatchObject({ seq: expect.any(Number) })
  })

  test('[FWD-2] an element of a type or with a field we do not know is refused', async () => {
    expect(await refusalOf(anna.request('message.send', draftOf({ type: 'hologram' })))).toBe('BAD_REQUEST')
    expect(await refusalOf(anna.request('message.send', draftOf({ type: 'text', text: 'x', size: 1 })))).toBe(
      'BAD_REQUEST',
    )
  })

  test.each(
    Object.keys(COMMANDS).filter((name) => name !== 'session.open' && name !== 'session.close') as CommandName[],
  )('%s with a body of another form is refused BAD_REQUEST', async (command) => {
    const bodies: unknown[] = [null, 1, 'x', [], true, undefined]
    for (const body of bodies) expect(await refusalOf(anna.request(command, body))).toBe('BAD_REQUEST')
  })

  test.each([0, -1, 1.5, 2 ** 53, '1', null, {}])('%j is no number of a message', async (seq) => {
    expect(await refusalOf(anna.request('receipt.read', { conversationId, seq }))).toBe('BAD_REQUEST')
    expect(await refusalOf(anna.request('message.delete', { conversationId, seqs: [seq] }))).toBe('BAD_REQUEST')
  })

  test('S-IN1: numbers that JSON can write and nothing can keep are refused', async () => {
    for (const [index, raw] of ['1e999', '-1e999', '9007199254740993', '-0', '1e-999', '0.5'].entries()) {
      const id = 88_000 + index
      const answer = anna.answerTo(id)
      anna.sendText(
        `{"type":"request","id":${id},"command":"receipt.read","body":{"conversationId":${JSON.stringify(conversationId)},"seq":${raw}}}`,
      )
      expect(await refusalOf(answer)).toBe('BAD_REQUEST')
    }
  })

  test('numbers beyond what is there are harmless', async () => {
    const top = Number.MAX_SAFE_INTEGER
    expect(await refusalOf(anna.request('message.revoke', { conversationId, seq: top }))).toBe('NO_SUCH_MESSAGE')
    await anna.request('message.delete', { conversationId, seqs: [top, top - 1] })
    const { messages } = await anna.request('message.history', {
      conversationId,
      direction: 'newer',
      from: { seq: top },
      limit: 50,
    })
    expect(messages).toEqual([])
    const { entries, more } = await anna.request('sync.pull', {
      timeline: conversationTimeline(conversationId),
      after: top,
    })
    expect([entries, more]).toEqual([[], false])
    const old = await anna.request('message.history', {
      conversationId,
      direction: 'older',
      from: { atMs: 8.64e15 },
      limit: 1,
    })
    expect(old.messages).toHaveLength(1)
  })

  test.each(['', 'x', '-5', '0x10', '1e3', '1.5', '9e99', 'NaN', '1; SELECT 1', '  7 '])(
    '%j as the place of a page is refused or harmless',
    async (after) => {
      expect(['nothing', 'BAD_REQUEST']).toContain(await refusalOf(anna.request('sync.snapshot', { after })))
    },
  )
})

describe('other people’s things', () => {
  const stranger = (): ConversationId => conversationOf('carla', 'dora')

  test.each([
    ['message.send', () => draftOf({ type: 'text', text: 'x' }, { conversationId: stranger() })],
    ['message.sendVolatile', () => draftOf({ type: 'text', text: 'x' }, { conversationId: stranger() })],
    ['message.history', () => ({ conversationId: stranger(), direction: 'older', limit: 1 })],
    ['message.revoke', () => ({ conversationId: stranger(), seq: 1 })],
    ['message.delete', () => ({ conversationId: stranger(), seqs: [1] })],
    ['receipt.read', () => ({ conversationId: stranger(), seq: 1 })],
    ['conversation.get', () => ({ conversationId: stranger() })],
    ['conversation.pin', () => ({ conversationId: stranger(), pinned: true })],
    ['conversation.hide', () => ({ conversationIds: [conversationId, stranger()], clears: true })],
    ['conversation.clear', () => ({ conversationId: stranger() })],
    ['sync.snapshot', () => ({ conversationIds: [stranger()] })],
    ['sync.pull', () => ({ timeline: conversationTimeline(stranger()), after: 0 })],
    ['sync.pull', () => ({ timeline: 'u:bert', after: 0 })],
  ] as [CommandName, () => object][])('[SYNC-7] %s is refused NOT_A_MEMBER', async (command, body) => {
    expect(await refusalOf(anna.request(command, body()))).toBe('NOT_A_MEMBER')
  })

  test.each([
    'c2c:bert:anna',
    'c2c:%61nna:bert',
    'c2c:anna:bert:x',
    'group:anna:bert',
    'C2C:anna:bert',
    'c2c:anna:',
    'anna:bert',
    'c2c:anna:%62ert',
  ])('[ID-1] %j is nobody’s conversation', async (id) => {
    const refused = await refusalOf(
      anna.request('message.send', draftOf({ type: 'text', text: 'x' }, { conversationId: id })),
    )
    expect(refused).toBe('NOT_A_MEMBER')
  })

  test('[SYNC-7] a resume of timelines that are not mine is answered with their names, and follows none', async () => {
    const { epoch } = await anna.request('sync.snapshot', {})
    const timelines = ['u:bert', 'c:c2c:carla:dora', 'c:c2c:bert:anna', 'x:y', 'u:x', 'c:x', '\u202e:::']
    const cursors = timelines.map((timeline) => ({ timeline, offset: 0 }))
    const { gone, resets } = await anna.request('sync.resume', { epoch, cursors })
    expect([gone, resets]).toEqual([timelines, []])
  })

  test('[EPOCH-2] cursors of another epoch are refused', async () => {
    const cursors = [{ timeline: 'u:anna', offset: 0 }]
    expect(await refusalOf(anna.request('sync.resume', { epoch: 'another', cursors }))).toBe('EPOCH_CHANGED')
  })
})

describe('S-IN2: keys that could pollute', () => {
  const golden = JSON.parse(
    readFileSync(new URL('../../protocol/src/fixtures/requests.json', import.meta.url), 'utf8'),
  ) as readonly { readonly frame: { readonly command: CommandName; readonly body: object } }[]
  const POISON = [
    '"__proto__":{"polluted":1}',
    '"constructor":{"prototype":{"polluted":1}}',
    '"prototype":{"polluted":1}',
  ]

  /** The JSON of a value with the poison in every object of it, one at a time. */
  function poisoned(value: unknown, poison: string): readonly string[] {
    const marked = (place: number): string => {
      let objects = 0
      return JSON.stringify(value, (_key, inside: unknown) =>
        isObject(inside) && objects++ === place ? { ...inside, '☠': 1 } : inside,
      )
    }
    const all: string[] = []
    for (let json = marked(0); json.includes('☠'); json = marked(all.length)) all.push(json.replace('"☠":1', poison))
    return all
  }

  function isObject(value: unknown): value is object {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  }

  test.each(
    golden
      .filter(({ frame }) => !frame.command.startsWith('session.'))
      .map(({ frame }) => [frame.command, frame] as const),
  )('%s answers as always, at every level, and nothing is polluted', async (_command, frame) => {
    for (const poison of POISON) {
      for (const json of poisoned(frame.body, poison)) {
        const body = json.replaceAll('p_3001:t_2001', 'anna:bert')
        const id = 90_000 + ++count
        const answer = anna.answerTo(id)
        anna.sendText(
          `{"type":"request",${poison},"id":${id},"command":${JSON.stringify(frame.command)},"body":${body}}`,
        )
        expect(await refusalOf(answer)).not.toBe('INTERNAL')
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
      }
    }
  })
})

describe('S-IN1: frames that are none', () => {
  test.each([
    ['nested too deeply', `{"type":"request","id":1,"command":"x","body":${'['.repeat(32)}${']'.repeat(32)}}`],
    ['a depth of 30,000', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['a depth of 60,000 that is never closed', '{"a":'.repeat(12_000)],
    ['too many items', `{"type":"request","id":1,"command":"x","body":[${'1,'.repeat(5000)}1]}`],
    [
      'too many members',
      `{"type":"request","id":1,"command":"x","body":{${Array.from({ length: 5000 }, (_, i) => `"k${i}":1`).join(',')}}}`,
    ],
    ['an id of 0', '{"type":"request","id":0,"command":"x","body":{}}'],
    ['an id of 2^53', '{"type":"request","id":9007199254740992,"command":"x","body":{}}'],
    ['no id', '{"type":"request","command":"x","body":{}}'],
    ['half a frame', '{"type":"request","id":1,"comm'],
    ['a frame of the server', '{"type":"push","timeline":"u:anna","offset":1,"entry":{}}'],
  ])('[CLOSE-4] %s closes 4500', async (_what, text) => {
    const client = await WireClient.open(world.endpoint(), 'bad_frames')
    client.sendText(text)
    expect(await client.closed).toBe(4500)
  })

  test('[CLOSE-4] a binary frame closes 1003, also when its bytes are a frame', async () => {
    const client = await WireClient.open(world.endpoint(), 'binary')
    client.sendBytes(Buffer.from('{"type":"ping"}'))
    expect(await client.closed).toBe(1003)
  })

  test('[CLOSE-4] a frame of more than 64 KiB closes 1009', async () => {
    const client = await WireClient.open(world.endpoint(), 'large')
    client.sendText(' '.repeat(LIMITS.frameBytes + 1))
    expect(await client.closed).toBe(1009)
  })

  test('of two members with one name the last counts', async () => {
    const answer = anna.answerTo(66_666)
    anna.sendText(
      '{"type":"ping","type":"request","id":5,"id":66666,"command":"x","command":"profile.get","body":{"userIds":["bert"],"userIds":["anna"]}}',
    )
    expect(await answer).toMatchObject({ profiles: [{ userId: 'anna' }] })
  })
})

describe('catching up', () => {
  test('[SYNC-5] a resume pushes everything missed before it is answered, also long after', async () => {
    const phone = await WireClient.open(world.endpoint(), 'bert', { instanceId: 'phone' })
    const snapshot = await phone.request('sync.snapshot', {})
    const state = snapshot.conversations.find((conversation) => conversation.conversationId === conversationId)
    if (!state) throw new Error('the conversation is missing')
    phone.close()
    const missed: number[] = []
    for (let index = 0; index < 5; index++) missed.push((await pair.say({ type: 'text', text: `missed ${index}` })).seq)
    const again = await WireClient.open(world.endpoint(), 'bert', { instanceId: 'phone2' })
    expect(again.frames[0]).toMatchObject({ type: 'reply', body: { epoch: snapshot.epoch } })
    const { resets, gone } = await again.request('sync.resume', {
      epoch: snapshot.epoch,
      cursors: [
        { timeline: conversationTimeline(conversationId), offset: state.offset },
        { timeline: 'u:bert', offset: snapshot.userOffset },
      ],
    })
    // Looked at in the very turn of the answer: what comes later would be too late.
    const before = again.frames.slice(
      0,
      again.frames.findIndex((frame) => frame.type === 'reply' && frame.id === 2),
    )
    expect([resets, gone]).toEqual([[], []])
    expect(
      before.flatMap((frame) =>
        frame.type === 'push' && frame.entry.kind === 'message' ? [frame.entry.message.seq] : [],
      ),
    ).toEqual(missed)
    again.close()
  })

  test('[SYNC-6] a cursor that is too far behind, or beyond the end, is reset', async () => {
    const laptop = await WireClient.open(world.endpoint(), 'anna', { instanceId: 'laptop' })
    const { epoch } = await laptop.request('sync.snapshot', {})
    const timeline = conversationTimeline(conversationId)
    const { resets } = await laptop.request('sync.resume', {
      epoch,
      cursors: [{ timeline, offset: Number.MAX_SAFE_INTEGER }],
    })
    expect(resets).toEqual([timeline])
    laptop.close()
  })

  test('[SEND-3] what was answered is there for whoever asks next, at the place the answer named', async () => {
    const { seq, offset, sentAtMs, countable } = await anna.request(
      'message.send',
      draftOf({ type: 'text', text: 'stored' }),
    )
    expect(await pair.read(seq)).toMatchObject({
      seq,
      sentAtMs,
      countable,
      elements: [{ type: 'text', text: 'stored' }],
    })
    const { entries } = await anna.request('sync.pull', {
      timeline: conversationTimeline(conversationId),
      after: offset - 1,
      limit: 1,
    })
    expect(entries).toMatchObject([{ offset, entry: { kind: 'message', message: { seq } } }])
  })
})
