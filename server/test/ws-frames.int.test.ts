import { LIMITS } from '@hongyan/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { closePayload, frameBytes, OPCODE, RawSocket, upgradeRequest, type RawFrame } from './kit/raw-socket.ts'
import { until } from './kit/until.ts'
import { WireClient } from './kit/wire-client.ts'
import { startWorld, type World } from './kit/world.ts'

const MAX_OPENING = 40

let world: World
let port: number
let neighbour: WireClient
const rejections: unknown[] = []
const onRejection = (err: unknown): number => rejections.push(err)

beforeAll(async () => {
  process.on('unhandledRejection', onRejection)
  world = await startWorld({
    nodes: 1,
    env: { MAX_OPENING_PER_ADDRESS: String(MAX_OPENING), ALLOWED_ORIGINS: 'https://oa.school.example' },
  })
  port = Number(new URL(world.endpoint()).port)
  neighbour = await WireClient.open(world.endpoint(), 'neighbour')
})

// The server goes on serving those who behave, and keeps nothing of those who did not.
afterEach(async () => {
  const { profiles } = await neighbour.request('profile.get', { userIds: ['neighbour'] })
  expect(profiles).toHaveLength(1)
  expect(rejections).toEqual([])
  await until('the connections are gone', () => world.nodes[0]?.context.registry.connections === 1)
})

afterAll(async () => {
  process.off('unhandledRejection', onRejection)
  neighbour.close()
  await world.stop()
})

const text = (payload: Uint8Array | string, frame: RawFrame = {}): RawFrame => ({ payload, ...frame })
const part = (payload: Uint8Array | string): RawFrame => ({ payload, fin: false })
const more = (payload: Uint8Array | string): RawFrame => ({ payload, opcode: OPCODE.CONTINUATION, fin: false })
const last = (payload: Uint8Array | string): RawFrame => ({ payload, opcode: OPCODE.CONTINUATION })
const control = (opcode: number, frame: RawFrame = {}): RawFrame => ({ opcode, ...frame })
const close = (payload: Uint8Array | string): RawFrame => ({ opcode: OPCODE.CLOSE, payload })

const PING_TEXT = '{"type":"ping"}'
const HAN = Buffer.from('王') // e7 8e 8b

const VIOLATIONS: readonly (readonly [what: string, closeCode: number, frames: readonly RawFrame[]])[] = [
  ['a frame that is not masked', 1002, [text(PING_TEXT, { masked: false })]],
  ['an empty frame that is not masked', 1002, [text('', { masked: false })]],
  ['a control frame that is not masked', 1002, [control(OPCODE.PING, { masked: false })]],
  ['the first reserved bit, although no compression was agreed', 1002, [text(PING_TEXT, { rsv: 4 })]],
  ['the second reserved bit', 1002, [text(PING_TEXT, { rsv: 2 })]],
  ['the third reserved bit', 1002, [text(PING_TEXT, { rsv: 1 })]],
  ['all reserved bits', 1002, [text(PING_TEXT, { rsv: 7 })]],
  ['a reserved bit in a ping', 1002, [control(OPCODE.PING, { rsv: 4 })]],
  ['a reserved bit in a continuation', 1002, [part('a'), { ...last('b'), rsv: 4 }]],
  [
    'a deflated message that nobody asked for',
    1002,
    [text(Buffer.from('aa56ca48cdc9c95728cf2fca490100', 'hex'), { rsv: 4 })],
  ],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (opcode) => [`the reserved opcode ${opcode}`, 1002, [control(opcode)]] as const,
  ),
  ['a reserved opcode inside a fragmented message', 1002, [part('a'), control(3)]],
  ['a ping of 126 bytes', 1002, [control(OPCODE.PING, { payload: 'x'.repeat(126) })]],
  ['a pong of 126 bytes', 1002, [control(OPCODE.PONG, { payload: 'x'.repeat(126) })]],
  ['a close of 126 bytes', 1002, [close(closePayload(1000, 'x'.repeat(124)))]],
  ['a ping of 64 KiB', 1002, [control(OPCODE.PING, { payload: 'x'.repeat(65_536) })]],
  ['a ping in fragments', 1002, [control(OPCODE.PING, { fin: false })]],
  ['a pong in fragments', 1002, [control(OPCODE.PONG, { fin: false })]],
  ['a close in fragments', 1002, [control(OPCODE.CLOSE, { fin: false })]],
  ['a continuation of nothing', 1002, [last('a')]],
  ['a continuation of nothing that goes on', 1002, [more('a')]],
  ['a continuation after a whole message', 1002, [text(PING_TEXT), last('a')]],
  ['a message inside a fragmented message', 1002, [part('a'), text(PING_TEXT)]],
  ['a binary message inside a fragmented message', 1002, [part('a'), text('b', { opcode: OPCODE.BINARY })]],
  ['a close with half a code', 1002, [close(Buffer.from([3]))]],
  ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map(
    (code) => [`the close code ${code}`, 1002, [close(closePayload(code))]] as const,
  ),
  ['a close whose reason is no UTF-8', 1007, [close(closePayload(1000, Buffer.from([0xff])))]],
  ['a text that is no UTF-8', 1007, [text(Buffer.from([0x80]))]],
  ['a text that ends inside a letter', 1007, [text(HAN.subarray(0, 2))]],
  ['a text with an overlong slash', 1007, [text(Buffer.from([0xc0, 0xaf]))]],
  ['a text with an overlong NUL', 1007, [text(Buffer.from([0xe0, 0x80, 0x80]))]],
  ['a text with an encoded surrogate', 1007, [text(Buffer.from([0xed, 0xa0, 0x80]))]],
  ['a text with a letter beyond Unicode', 1007, [text(Buffer.from([0xf4, 0x90, 0x80, 0x80]))]],
  ['a text with a letter of five bytes', 1007, [text(Buffer.from([0xf8, 0x88, 0x80, 0x80, 0x80]))]],
  ['bad UTF-8 in the last fragment', 1007, [part('{"type":"'), more('pi'), last(Buffer.from([0xfe]))]],
  ['a letter whose last byte is missing, in fragments', 1007, [part(HAN.subarray(0, 1)), last(HAN.subarray(1, 2))]],
  ['a letter that goes on wrongly in the next fragment', 1007, [part(HAN.subarray(0, 2)), last('a')]],
  ['a length of 2^63', 1009, [text('', { length: 1n << 63n })]],
  ['a length of 2^64-1', 1009, [text('', { length: (1n << 64n) - 1n })]],
  ['a length of 2^53', 1009, [text('', { length: 1n << 53n })]],
  ['a length of 2^31', 1009, [text('', { length: 1n << 31n })]],
  ['a length of 2^32+1, which would be 1 in 32 bits', 1009, [text('x', { length: (1n << 32n) + 1n })]],
  ['a binary frame', 1003, [text('x', { opcode: OPCODE.BINARY })]],
  ['an empty binary frame', 1003, [text('', { opcode: OPCODE.BINARY })]],
  ['a binary message in fragments', 1003, [{ opcode: OPCODE.BINARY, fin: false, payload: 'a' }, last('b')]],
  ['an empty text', 4500, [text('')]],
  ['an empty text in fragments', 4500, [part(''), more(''), last('')]],
  ['a text that is no frame of ours', 4500, [text('hello')]],
  ['a byte order mark before a frame', 4500, [text(`\ufeff${PING_TEXT}`)]],
]

describe('S-WS1: frames against the rules of WebSocket end their connection with the right code', () => {
  test.each(VIOLATIONS)('%s: %i', async (_what, closeCode, frames) => {
    const raw = await RawSocket.upgrade(port)
    raw.send(...frames)
    expect(await raw.ended()).toEqual({ closeCode })
  })

  test('a violation is one also byte by byte', async () => {
    const raw = await RawSocket.upgrade(port)
    for (const byte of frameBytes(text(HAN.subarray(0, 2)))) await raw.written(Buffer.from([byte]))
    expect(await raw.ended()).toEqual({ closeCode: 1007 })
  })

  test('bytes that are no frames at all end the connection', async () => {
    for (const garbage of ['GET / HTTP/1.1\r\n\r\n', '\0'.repeat(100), '\xff'.repeat(100)]) {
      const raw = await RawSocket.upgrade(port)
      raw.write(Buffer.from(garbage, 'latin1'))
      expect((await raw.ended()).closeCode).toBe(1002)
    }
  })

  test('a million empty fragments are cut short, and cost nothing', async () => {
    const raw = await RawSocket.upgrade(port)
    const empty = frameBytes(more(''))
    const thousand = Buffer.concat(Array.from({ length: 1000 }, () => empty))
    raw.send(part(''))
    await raw.written(thousand)
    const before = process.memoryUsage().rss
    for (let count = 1; count < 1000; count++) await raw.written(thousand)
    raw.send(last(''))
    expect(await raw.ended()).toEqual({ closeCode: 1008 })
    // Both ends are in this process, and so is the collector's patience.
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  }, 60_000)
})

describe('frames within the rules are served', () => {
  const answers: readonly (readonly [what: string, frames: readonly RawFrame[], opcode: number, payload: string])[] = [
    ['a ping of the protocol', [text(PING_TEXT)], OPCODE.TEXT, '{"type":"pong"}'],
    [
      'a ping of the protocol in fragments',
      [part('{"type"'), more(':'), more(''), last('"ping"}')],
      OPCODE.TEXT,
      '{"type":"pong"}',
    ],
    ['a ping of WebSocket', [control(OPCODE.PING, { payload: 'x'.repeat(125) })], OPCODE.PONG, 'x'.repeat(125)],
    ['a ping between two fragments', [part('{"type":'), control(OPCODE.PING, { payload: 'now' })], OPCODE.PONG, 'now'],
    ['a pong nobody asked for, then a ping', [control(OPCODE.PONG), text(PING_TEXT)], OPCODE.TEXT, '{"type":"pong"}'],
  ]
  test.each(answers)('%s', async (_what, frames, opcode, payload) => {
    const raw = await RawSocket.upgrade(port)
    raw.send(...frames)
    const frame = await raw.next()
    expect([frame.opcode, frame.payload.toString()]).toEqual([opcode, payload])
    raw.destroy()
  })

  test('a frame that comes byte by byte', async () => {
    const raw = await RawSocket.upgrade(port)
    for (const byte of frameBytes(text(PING_TEXT))) await raw.written(Buffer.from([byte]))
    expect((await raw.next()).payload.toString()).toBe('{"type":"pong"}')
    raw.destroy()
  })

  test.each([1000, 1001, 3000, 4000, 4999])('a close with %i is answered in kind', async (code) => {
    const raw = await RawSocket.upgrade(port)
    raw.send(close(closePayload(code, '再见')))
    expect(await raw.ended()).toEqual({ closeCode: code })
  })

  test('a close without a code is answered without one, and what follows it is not heard', async () => {
    const raw = await RawSocket.upgrade(port)
    raw.send(close(''), text('not a frame of ours'))
    expect(await raw.ended()).toEqual({ closeCode: undefined })
  })

  test.each(['a reset', 'half a close', 'an end in the middle of a frame'])(
    '%s of the connection leaves nothing behind',
    async (what) => {
      const raw = await RawSocket.upgrade(port)
      raw.write(frameBytes(text(PING_TEXT)).subarray(0, 9))
      await until('it is counted', () => world.nodes[0]?.context.registry.connections === 2)
      if (what === 'a reset') raw.reset()
      else if (what === 'half a close') raw.halfClose()
      else raw.destroy()
    },
  )
})

describe('S-WS2: size and compression', () => {
  test('a frame of exactly the limit is read, one byte more closes 1009', async () => {
    const padded = (bytes: number): string => PING_TEXT + ' '.repeat(bytes - PING_TEXT.length)
    const fits = await RawSocket.upgrade(port)
    fits.send(text(padded(LIMITS.frameBytes)))
    expect((await fits.next()).payload.toString()).toBe('{"type":"pong"}')
    fits.destroy()
    const tooLarge = await RawSocket.upgrade(port)
    tooLarge.send(text(padded(LIMITS.frameBytes + 1)))
    expect(await tooLarge.ended()).toEqual({ closeCode: 1009 })
  })

  test('the limit holds for the fragments together, and is found before they are all there', async () => {
    const raw = await RawSocket.upgrade(port)
    raw.send(part('x'.repeat(40_000)), more('x'.repeat(40_000)))
    expect(await raw.ended()).toEqual({ closeCode: 1009 })
  })

  test('a length is believed before anything of it is held', async () => {
    const raw = await RawSocket.upgrade(port)
    raw.write(frameBytes(text('', { length: 65_537n })))
    expect(await raw.ended()).toEqual({ closeCode: 1009 })
  })

  test('compression is not agreed to, however it is asked for', async () => {
    for (const extensions of [
      'permessage-deflate',
      'permessage-deflate; client_max_window_bits',
      'x-webkit-deflate-frame',
    ]) {
      const raw = await RawSocket.connect(port)
      const head = await raw.ask(upgradeRequest({ 'Sec-WebSocket-Extensions': extensions }))
      expect(head).toMatch(/^HTTP\/1\.1 101 /)
      expect(head.toLowerCase()).not.toContain('sec-websocket-extensions')
      raw.destroy()
    }
  })
})

describe('S-WS3: who may knock', () => {
  test.each([
    ['another site', 'https://evil.example'],
    ['null', 'null'],
    ['an empty origin that is there', ' '],
    ['a longer name', 'https://im.school.example.evil.example'],
    ['a sub-domain', 'https://x.im.school.example'],
    ['a user in the name', 'https://im.school.example@evil.example'],
  ])('a page of %s gets 403 and no WebSocket', async (_what, origin) => {
    const raw = await RawSocket.connect(port)
    expect(await raw.ask(upgradeRequest({ Origin: origin }))).toMatch(/^HTTP\/1\.1 403 /)
    raw.destroy()
  })

  test.each([
    ['the server’s own page', 'http://im.school.example'],
    ['the server’s own page behind TLS', 'https://IM.school.example'],
    ['a page on the list', 'https://oa.school.example'],
    ['no page', ''],
  ])('%s is let in', async (_what, origin) => {
    const raw = await RawSocket.upgrade(port, { Origin: origin })
    raw.destroy()
  })

  test.each([
    ['another version of WebSocket', upgradeRequest({ 'Sec-WebSocket-Version': '7' }), 400],
    ['no key', upgradeRequest({ 'Sec-WebSocket-Key': '' }), 400],
    ['a key of the wrong length', upgradeRequest({ 'Sec-WebSocket-Key': 'AAAA' }), 400],
    ['another path', upgradeRequest({}, 'GET /im/other HTTP/1.1'), 404],
    ['a POST', upgradeRequest({}, 'POST /im/ws HTTP/1.1'), 404],
    ['no upgrade at all', upgradeRequest({ Upgrade: '', Connection: '' }), 404],
    ['a line that is no HTTP', 'HELLO\r\n\r\n', 400],
    ['a header of 100 KB', upgradeRequest({ 'X-Long': 'x'.repeat(100_000) }), 431],
  ])('%s is refused as what it is', async (_what, request, status) => {
    const raw = await RawSocket.connect(port)
    expect(await raw.ask(request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    raw.destroy()
  })
})

describe('S-WS4: those who only take up room', () => {
  test('[OPEN-2] headers that trickle in, silence before the upgrade and silence after it are all cut within seconds', async () => {
    const trickling = await RawSocket.connect(port)
    const silent = await RawSocket.connect(port)
    const [upgraded, talking, halfClosed] = await Promise.all([1, 2, 3].map(() => RawSocket.upgrade(port)))
    if (!upgraded || !talking || !halfClosed) throw new Error('not upgraded')
    const request = upgradeRequest({ 'X-Slow': 'x'.repeat(1000) })
    let at = 0
    const trickle = setInterval(() => trickling.write(request.slice(at, ++at)), 1000)
    const chatter = setInterval(() => talking.send(text(PING_TEXT)), 500)
    halfClosed.halfClose()
    try {
      await Promise.all([trickling.ended(), silent.ended(), halfClosed.ended()])
      expect(await Promise.all([upgraded.ended(), talking.ended()])).toEqual([{ closeCode: 4501 }, { closeCode: 4501 }])
      // Long before it had said what it wanted.
      expect(at).toBeLessThan(request.length / 10)
    } finally {
      clearInterval(trickle)
      clearInterval(chatter)
    }
  }, 30_000)

  test('more connections without a session than allowed get 429; those with one are not counted', async () => {
    const crowd: RawSocket[] = []
    for (let count = 0; count < MAX_OPENING; count++) crowd.push(await RawSocket.upgrade(port))
    const oneMore = await RawSocket.connect(port)
    const head = await oneMore.ask(upgradeRequest())
    expect(head).toMatch(/^HTTP\/1\.1 429 /)
    expect(head.toLowerCase()).toContain('retry-after')
    oneMore.destroy()
    crowd.pop()?.destroy()
    await until('its place is free', () => world.nodes[0]?.context.registry.connections === MAX_OPENING)
    const late = await WireClient.open(world.endpoint(), 'late')
    const another = await WireClient.open(world.endpoint(), 'another')
    late.close()
    another.close()
    for (const raw of crowd) raw.destroy()
  })
})
