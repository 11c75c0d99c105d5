import type { CommandName, Element } from '@hongyan/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { conversationOf, Pair, refusalOf } from './kit/pair.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
let pair: Pair
const conversationId = conversationOf('anna', 'bert')

beforeAll(async () => {
  world = await startWorld()
  pair = await Pair.meet(world)
})

// Those who behave are served as before.
afterEach(async () => {
  expect(pair.anna.isOpen && pair.bert.isOpen).toBe(true)
  await pair.say({ type: 'text', text: 'still here' })
})

afterAll(async () => {
  pair.close()
  await world.stop()
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
      ['message.send', pair.draftOf({ type: 'text', text: bad })],
      ['message.send', pair.draftOf({ type: 'custom', data: '', description: bad, extension: '' })],
      ['message.send', pair.draftOf({ type: 'face', index: 1, data: bad })],
      ['message.send', pair.draftOf({ type: 'location', description: bad, longitude: 0, latitude: 0 })],
      ['message.send', pair.draftOf({ type: 'text', text: 'x' }, { customData: bad })],
      ['message.send', pair.draftOf({ type: 'text', text: 'x' }, { clientMsgId: bad })],
      ['message.send', pair.draftOf({ type: 'text', text: 'x' }, { unknown: { deep: [bad] } })],
      ['message.send', pair.draftOf({ type: 'text', text: 'x' }, { [bad]: 1 })],
      ['message.sendVolatile', pair.draftOf({ type: 'text', text: bad })],
      ['message.revoke', { conversationId, seq: 1, reason: bad }],
      ['conversation.get', { conversationId: `c2c:anna:${bad}` }],
      ['sync.pull', { timeline: `u:${bad}`, after: 0 }],
      ['sync.snapshot', { after: bad }],
      ['profile.get', { userIds: [bad] }],
    ]
    for (const [command, body] of requests) {
      expect(await refusalOf(pair.anna.request(command, body)), `${command} ${JSON.stringify(body)}`).toBe('BAD_TEXT')
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
      const live = await pair.say(element, { customData: kept })
      expect([live.elements, live.customData]).toEqual([[element], kept])
      const stored = await pair.read(live.seq)
      expect([stored?.elements, stored?.customData]).toEqual([[element], kept])
    }
  })

  test('[TEXT-1] as many combining marks as a message may hold, and every letter of the first plane', async () => {
    const marks = `e${'\u0301'.repeat(6000)}`
    expect((await pair.read((await pair.say({ type: 'text', text: marks })).seq))?.elements).toEqual([
      { type: 'text', text: marks },
    ])
    for (let start = 1; start < 0x10000; start += 2000) {
      const letters = Array.from({ length: 2000 }, (_, index) => start + index)
        .filter((unit) => unit < 0x10000 && (unit < 0xd800 || unit > 0xdfff))
        .map((unit) => String.fromCharCode(unit))
        .join('')
      if (letters === '') continue
      const stored = await pair.read((await pair.say({ type: 'text', text: letters })).seq)
      expect(stored?.elements).toEqual([{ type: 'text', text: letters }])
    }
  })

  test('a message that is too large or empty is refused, and one that just fits is kept', async () => {
    expect(await refusalOf(pair.anna.request('message.send', pair.draftOf({ type: 'text', text: '' })))).toBe(
      'MESSAGE_EMPTY',
    )
    expect(
      await refusalOf(pair.anna.request('message.send', pair.draftOf({ type: 'text', text: '王'.repeat(4096) }))),
    ).toBe('MESSAGE_TOO_LARGE')
    expect(
      await refusalOf(pair.anna.request('message.send', pair.draftOf({ type: 'text', text: 'x'.repeat(20_000) }))),
    ).toBe('MESSAGE_TOO_LARGE')
    const fits = '王'.repeat(4080)
    expect((await pair.read((await pair.say({ type: 'text', text: fits })).seq))?.elements).toEqual([
      { type: 'text', text: fits },
    ])
  })

  test('[SEND-1] a resend after all this gets the first answer; [SEND-2] another text under its id is a conflict', async () => {
    const draft = pair.draftOf({ type: 'text', text: '\u202eabc\ufeff' })
    const first = await pair.anna.request('message.send', draft)
    expect(await pair.anna.request('message.send', draft)).toEqual(first)
    const other = { ...draft, elements: [{ type: 'text', text: '\u202eabc' }] }
    expect(await refusalOf(pair.anna.request('message.send', other))).toBe('IDEMPOTENCY_CONFLICT')
  })
})
