import {
  c2cConversationId,
  COMMANDS,
  conversationTimeline,
  LIMITS,
  parseUserId,
  userTimeline,
  type CommandName,
  type ConversationId,
  type Element,
  type Message,
} from '@hongyan/protocol'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from './kit/until.ts'
import { openingOf, WireClient, WireError } from './kit/wire-client.ts'
import { startWorld, userSigOf, type World } from './kit/world.ts'

let world: World
let anna: WireClient
let bert: WireClient
let conversationId: ConversationId
let count = 0
const rejections: unknown[] = []
const onRejection = (err: unknown): number => rejections.push(err)

beforeAll(async () => {
  process.on('unhandledRejection', onRejection)
  world = await startWorld({ env: { INSTANCES_PER_DEVICE: '10' } })
  conversationId = conversationOf('anna', 'bert')
  anna = await WireClient.open(world.endpoint(), 'anna')
  bert = await WireClient.open(world.endpoint(), 'bert')
  await bert.request('sync.snapshot', {})
  await say({ type: 'text', text: 'hello' })
})

// Those who behave are served as before.
afterEach(async () => {
  expect(anna.isOpen && bert.isOpen).toBe(true)
  await say({ type: 'text', text: 'still here' })
  expect(rejections).toEqual([])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

afterAll(async () => {
  process.off('unhandledRejection', onRejection)
  anna.close()
  bert.close()
  await world.stop()
})

function conversationOf(a: string, b: string): ConversationId {
  const [first, second] = [parseUserId(a), parseUserId(b)]
  if (first === undefined || second === undefined) throw new Error('not user ids')
  return c2cConversationId(first, second)
}

function draftOf(element: unknown, fields: object = {}): object {
  return { conversationId, clientMsgId: `m${++count}`, elements: [element], ...fields }
}

/** Sends as Anna, and waits until Bert has it. */
async function say(element: Element, fields: object = {}): Promise<Message> {
  const { seq } = await anna.request('message.send', draftOf(element, fields))
  return until(
    'the message arrives',
    () =>
      bert.pushes.flatMap(({ entry }) =>
        entry.kind === 'message' && entry.message.seq === seq ? [entry.message] : [],
      )[0],
  )
}

async function read(seq: number): Promise<Message | undefined> {
  const { messages } = await bert.request('message.history', {
    conversationId,
    direction: 'newer',
    from: { seq: seq - 1 },
    limit: 1,
  })
  return messages[0]
}

async function refusalOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer
    return 'nothing'
  } catch (err) {
    if (err instanceof WireError) return err.message
    throw err
  }
}

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
    "'; DROP TABLE account; --",
    '%00',
    '../../etc',
    '{"a":1}',
    '😀',
    '王:老师',
    '\u202eanna'.slice(1),
  ])('a user may be called %j', async (userId) => {
    const client = await WireClient.open(world.endpoint(), userId)
    const { conversations } = await client.request('sync.snapshot', {})
    expect(conversations).toEqual([])
    const { conversation } = await client.request('conversation.get', {
      conversationId: conversationOf(userId, 'bert'),
    })
    expect(conversation.peer.userId).toBe('bert')
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
      return found.length === 2 && found
    })
    expect(answers.map(({ type }) => type)).toEqual(['error', 'reply'])
  })

  test('[FWD-1] an unknown command is refused, and the session goes on', async () => {
    for (const command of [
      '',
      'message',
      'group.create',
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
    const timelines = ['u:bert', 'c:c2c:carla:dora', 'c:c2c:bert:anna', 'x:y', 'u:', 'c:', '\u202e:::']
    const cursors = timelines.map((timeline) => ({ timeline, offset: 0 }))
    const { gone, resets } = await anna.request('sync.resume', { epoch, cursors })
    expect([gone, resets]).toEqual([timelines, []])
  })

  test('[EPOCH-2] cursors of another epoch are refused', async () => {
    const cursors = [{ timeline: userTimeline(parseUserId('anna') ?? ('' as never)), offset: 0 }]
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
  function poisoned(json: string, poison: string): readonly string[] {
    const places = [...json.matchAll(/\{/g)].map(({ index }) => index + 1)
    return places.map((place) => json.slice(0, place) + poison + (json[place] === '}' ? '' : ',') + json.slice(place))
  }

  test.each(
    golden
      .filter(({ frame }) => !frame.command.startsWith('session.'))
      .map(({ frame }) => [frame.command, frame] as const),
  )('%s answers as always, at every level, and nothing is polluted', async (_command, frame) => {
    for (const poison of POISON) {
      for (const body of poisoned(JSON.stringify(frame.body).replaceAll('p_3001:t_2001', 'anna:bert'), poison)) {
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

describe('S-IN3: texts', () => {
  const BAD: readonly (readonly [what: string, text: string])[] = [
    ['NUL', 'a\0b'],
    ['a lone high surrogate', 'a\ud83d'],
    ['a lone low surrogate', '\ude00a'],
    ['surrogates the wrong way round', '\ude00\ud83d'],
  ]

  test.each(BAD)('[TEXT-1] %s is refused BAD_TEXT wherever it stands', async (_what, bad) => {
    const requests: readonly (readonly [CommandName, object])[] = [
      ['message.send', draftOf({ type: 'text', text: bad })],
      ['message.send', draftOf({ type: 'custom', data: '', description: bad, extension: '' })],
      ['message.send', draftOf({ type: 'face', index: 1, data: bad })],
      ['message.send', draftOf({ type: 'location', description: bad, longitude: 0, latitude: 0 })],
      ['message.send', draftOf({ type: 'text', text: 'x' }, { customData: bad })],
      ['message.send', draftOf({ type: 'text', text: 'x' }, { clientMsgId: bad })],
      ['message.send', draftOf({ type: 'text', text: 'x' }, { unknown: { deep: [bad] } })],
      ['message.send', draftOf({ type: 'text', text: 'x' }, { [bad]: 1 })],
      ['message.sendVolatile', draftOf({ type: 'text', text: bad })],
      ['message.revoke', { conversationId, seq: 1, reason: bad }],
      ['conversation.get', { conversationId: `c2c:anna:${bad}` }],
      ['sync.pull', { timeline: `u:${bad}`, after: 0 }],
      ['sync.snapshot', { after: bad }],
      ['profile.get', { userIds: [bad] }],
    ]
    for (const [command, body] of requests) {
      expect(await refusalOf(anna.request(command, body)), `${command} ${JSON.stringify(body)}`).toBe('BAD_TEXT')
    }
  })

  const KEPT: readonly (readonly [what: string, text: string])[] = [
    ['a byte order mark', '\ufeffhello\ufeff'],
    ['right-to-left overrides', 'abc\u202edef\u202c \u2067ghi\u2069'],
    ['zero-width letters', 'a\u200bb\u200cc\u200dd\u2060e'],
    ['families of emoji', '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇨🇳'],
    ['combining marks', 'e\u0301\u0302\u0303 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢'],
    ['both forms of one letter', '\u00e9 e\u0301 \uac00 \u1100\u1161'],
    ['controls', '\u0001\u0002\u0008\u000b\u000c\u001f\u007f\u0080\u009f'],
    ['line ends of all sorts', 'a\nb\rc\r\nd\u2028e\u2029f'],
    ['blanks of all sorts, at both ends', ' \t\u00a0\u3000x\u3000 \t'],
    ['non-characters', '\ufffe\uffff\u{1fffe}\u{10ffff}'],
    ['the replacement character', '\ufffd'],
    ['private use and rare Han', '\ue000 \u{f0000} 𠮷 \u{2a6d6}'],
    ['what JSON, SQL, HTML and shells care for', `"\\/'\`;--/*<script>alert(1)</script>&amp;$\{x}%s%00\\u0000 {}[]`],
    ['what PostgreSQL’s arrays care for', '{a,"b",NULL}\\\\\\" {NULL}'],
    ['NULL', 'NULL'],
  ]

  test.each(KEPT)('[TEXT-1] %s arrive, and are read back, unchanged to the last byte', async (_what, kept) => {
    for (const element of [
      { type: 'text', text: kept },
      { type: 'custom', data: kept, description: kept, extension: kept },
      { type: 'face', index: -2_147_483_648, data: kept },
      { type: 'location', description: kept, longitude: -179.999_999_999, latitude: 1e-7 },
    ] satisfies Element[]) {
      const live = await say(element, { customData: kept })
      expect([live.elements, live.customData]).toEqual([[element], kept])
      const stored = await read(live.seq)
      expect([stored?.elements, stored?.customData]).toEqual([[element], kept])
    }
  })

  test('[TEXT-1] as many combining marks as a message may hold, and every letter of the first plane', async () => {
    const marks = `e${'\u0301'.repeat(6000)}`
    expect((await read((await say({ type: 'text', text: marks })).seq))?.elements).toEqual([
      { type: 'text', text: marks },
    ])
    for (let start = 1; start < 0x10000; start += 2000) {
      const letters = Array.from({ length: 2000 }, (_, index) => start + index)
        .filter((unit) => unit < 0x10000 && (unit < 0xd800 || unit > 0xdfff))
        .map((unit) => String.fromCharCode(unit))
        .join('')
      if (letters === '') continue
      const stored = await read((await say({ type: 'text', text: letters })).seq)
      expect(stored?.elements).toEqual([{ type: 'text', text: letters }])
    }
  })

  test('a message that is too large or empty is refused, and one that just fits is kept', async () => {
    expect(await refusalOf(anna.request('message.send', draftOf({ type: 'text', text: '' })))).toBe('MESSAGE_EMPTY')
    expect(await refusalOf(anna.request('message.send', draftOf({ type: 'text', text: '王'.repeat(4096) })))).toBe(
      'MESSAGE_TOO_LARGE',
    )
    expect(await refusalOf(anna.request('message.send', draftOf({ type: 'text', text: 'x'.repeat(20_000) })))).toBe(
      'BAD_REQUEST',
    )
    const fits = '王'.repeat(4080)
    expect((await read((await say({ type: 'text', text: fits })).seq))?.elements).toEqual([
      { type: 'text', text: fits },
    ])
  })

  test('[SEND-1] a resend after all this gets the first answer; [SEND-2] another text under its id is a conflict', async () => {
    const draft = draftOf({ type: 'text', text: '\u202eabc\ufeff' })
    const first = await anna.request('message.send', draft)
    expect(await anna.request('message.send', draft)).toEqual(first)
    const other = { ...draft, elements: [{ type: 'text', text: '\u202eabc' }] }
    expect(await refusalOf(anna.request('message.send', other))).toBe('IDEMPOTENCY_CONFLICT')
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
    for (let index = 0; index < 5; index++) missed.push((await say({ type: 'text', text: `missed ${index}` })).seq)
    const again = await WireClient.open(world.endpoint(), 'bert', { instanceId: 'phone2' })
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
})
