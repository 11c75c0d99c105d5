import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { deflateRawSync, deflateSync, inflateSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createKeyRing } from './key-ring.ts'
import { createTlsUserSigVerifier, signTlsUserSig } from './tls-user-sig.ts'
import { UserSigRejected, type ClaimedIdentity } from './user-sig.ts'

interface TencentApi {
  genUserSig(userId: string, expire: number): string
  genPrivateMapKey(userId: string, expire: number, roomId: number, privileges: number): string
  genPrivateMapKeyWithStringRoomID(userId: string, expire: number, roomId: string, privileges: number): string
}
const { Api } = createRequire(import.meta.url)('tls-sig-api-v2') as {
  Api: new (sdkAppId: number, secret: string) => TencentApi
}

const SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0'
const NOW_MS = 1_795_000_000_000
const NOW_S = NOW_MS / 1000
const APP = 1_400_000_000
const alice: ClaimedIdentity = { sdkAppId: APP, userId: 'alice' }
const keys = createKeyRing([SECRET])
let nowMs = NOW_MS
const verifier = createTlsUserSigVerifier(keys, { now: () => nowMs })

afterEach(() => {
  nowMs = NOW_MS
  vi.useRealTimers()
})

function reasonOf(userSig: string, claimed = alice, by = verifier): string {
  try {
    by.verify(userSig, claimed)
    return 'accepted'
  } catch (err) {
    return err instanceof UserSigRejected ? err.reason : `threw ${String(err)}`
  }
}

function pack(json: string | Buffer, level = 6): string {
  const base64 = deflateSync(json, { level }).toString('base64')
  return base64.replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_')
}

function documentOf(userSig: string): string {
  const base64 = userSig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=')
  return inflateSync(Buffer.from(base64, 'base64')).toString()
}

/** Signs these exact lines, so that only the check under test can refuse the document. */
function sigOf(id: string, app: number | string, time: number | string, expire: number | string, userBuf?: string) {
  const lines = `TLS.identifier:${id}\nTLS.sdkappid:${app}\nTLS.time:${time}\nTLS.expire:${expire}\n`
  return createHmac('sha256', SECRET)
    .update(userBuf === undefined ? lines : `${lines}TLS.userbuf:${userBuf}\n`)
    .digest('base64')
}

function documentWith(changes: Record<string, unknown>): Record<string, unknown> {
  return {
    'TLS.ver': '2.0',
    'TLS.identifier': 'alice',
    'TLS.sdkappid': APP,
    'TLS.time': NOW_S,
    'TLS.expire': 60,
    'TLS.sig': sigOf('alice', APP, NOW_S, 60),
    ...changes,
  }
}

describe('with the generator tls-sig-api-v2', () => {
  const tencent = new Api(APP, SECRET)

  test.each(['alice', '张老师', 'a-b_c.d', '👩‍🏫'])('its userSig for %s is accepted', (userId) => {
    vi.useFakeTimers({ now: NOW_MS, toFake: ['Date'] })
    const verified = verifier.verify(tencent.genUserSig(userId, 86_400), { sdkAppId: APP, userId })
    expect(verified).toEqual({ userId, issuedAtMs: NOW_MS, expiresAtMs: NOW_MS + 86_400_000 })
  })

  test('its tokens with a userbuf are accepted, of a numeric and of a named room', () => {
    vi.useFakeTimers({ now: NOW_MS, toFake: ['Date'] })
    expect(reasonOf(tencent.genPrivateMapKey('alice', 60, 10_000, 255))).toBe('accepted')
    expect(reasonOf(tencent.genPrivateMapKeyWithStringRoomID('alice', 60, 'room', 255))).toBe('accepted')
  })

  test.each(['alice', '张老师'])('ours for %s is the same text as its', (userId) => {
    vi.useFakeTimers({ now: NOW_MS, toFake: ['Date'] })
    const ours = signTlsUserSig(keys, { userId, sdkAppId: APP, issuedAtMs: NOW_MS + 999, lifetimeS: 3600 })
    expect(ours).toBe(tencent.genUserSig(userId, 3600))
  })

  test('one made with another secret is a wrong signature', () => {
    vi.useFakeTimers({ now: NOW_MS, toFake: ['Date'] })
    expect(reasonOf(new Api(APP, SECRET.replace('0', '1')).genUserSig('alice', 60))).toBe('signature')
  })
})

test('the caller must be the user and in the application that the token names', () => {
  const userSig = signTlsUserSig(keys, { userId: 'alice', sdkAppId: APP, issuedAtMs: NOW_MS, lifetimeS: 60 })
  expect(reasonOf(userSig)).toBe('accepted')
  expect(reasonOf(userSig, { sdkAppId: APP, userId: 'bob' })).toBe('other-user')
  expect(reasonOf(userSig, { sdkAppId: APP + 1, userId: 'alice' })).toBe('other-app')
})

test('it is valid from five minutes before its time to the end of its lifetime', () => {
  const userSig = signTlsUserSig(keys, { userId: 'alice', sdkAppId: APP, issuedAtMs: NOW_MS, lifetimeS: 60 })
  const at = (ms: number) => {
    nowMs = ms
    return reasonOf(userSig)
  }
  expect(at(NOW_MS - 300_001)).toBe('not-yet-valid')
  expect(at(NOW_MS - 300_000)).toBe('accepted')
  expect(at(NOW_MS + 60_000)).toBe('accepted')
  expect(at(NOW_MS + 60_001)).toBe('expired')
})

test('during a rotation both secrets are accepted, and afterwards only the new one', () => {
  const next = 'f'.repeat(64)
  const order = { userId: 'alice', sdkAppId: APP, issuedAtMs: NOW_MS, lifetimeS: 60 }
  const clock = { now: () => NOW_MS }
  const overlap = createKeyRing([next, SECRET])
  const old = signTlsUserSig(keys, order)
  const fresh = signTlsUserSig(overlap, order)
  expect(reasonOf(old, alice, createTlsUserSigVerifier(overlap, clock))).toBe('accepted')
  expect(reasonOf(fresh, alice, createTlsUserSigVerifier(overlap, clock))).toBe('accepted')
  expect(reasonOf(fresh)).toBe('signature')
  expect(reasonOf(old, alice, createTlsUserSigVerifier(createKeyRing([next]), clock))).toBe('signature')
})

describe('the document', () => {
  test('is accepted with its keys in any order and compressed at any level', () => {
    const reversed = Object.fromEntries(Object.entries(documentWith({})).reverse())
    for (const level of [0, 1, 6, 9]) expect(reasonOf(pack(JSON.stringify(reversed), level))).toBe('accepted')
  })

  const refused: [string, Record<string, unknown>][] = [
    ['SDKAppID as a string', { 'TLS.sdkappid': String(APP) }],
    ['time as a string', { 'TLS.time': String(NOW_S) }],
    ['expire as a string', { 'TLS.expire': '60' }],
    ['a negative lifetime', { 'TLS.expire': -60, 'TLS.sig': sigOf('alice', APP, NOW_S, -60) }],
    ['a fractional time', { 'TLS.time': NOW_S + 0.5, 'TLS.sig': sigOf('alice', APP, NOW_S + 0.5, 60) }],
    ['no lifetime', { 'TLS.expire': undefined, 'TLS.sig': sigOf('alice', APP, NOW_S, 'undefined') }],
    ['a lifetime of more than 50 years', { 'TLS.expire': 2e9, 'TLS.sig': sigOf('alice', APP, NOW_S, 2e9) }],
    ['another version', { 'TLS.ver': '3.0' }],
    ['an unknown key', { 'TLS.admin': true }],
    ['a null userbuf', { 'TLS.userbuf': null, 'TLS.sig': sigOf('alice', APP, NOW_S, 60, 'null') }],
    ['a userbuf that is no base64', { 'TLS.userbuf': 'a b', 'TLS.sig': sigOf('alice', APP, NOW_S, 60, 'a b') }],
    ['a lone surrogate as the user', { 'TLS.identifier': '\ud800', 'TLS.sig': sigOf('\ufffd', APP, NOW_S, 60) }],
    ['no signature', { 'TLS.sig': undefined }],
  ]
  test.each(refused)('with %s cannot be parsed, even if its signature fits', (_, changes) => {
    expect(reasonOf(pack(JSON.stringify(documentWith(changes))))).toBe('unparsable')
  })

  test('with a key twice is refused, whichever of the two was signed', () => {
    const json = JSON.stringify(documentWith({}))
    expect(reasonOf(pack(json))).toBe('accepted')
    expect(reasonOf(pack(json.replace('{', '{"TLS.identifier":"bob",')))).toBe('unparsable')
    expect(reasonOf(pack(json.replace('{', '{"TLS\\u002eidentifier":"bob",')))).toBe('unparsable')
  })

  test('cannot be re-read as another user by moving line breaks between its fields', () => {
    // Signed in good faith for a user with an evil name; the same bytes read as a token of "alice" with a userbuf.
    const evilId = `alice\nTLS.sdkappid:${APP}\nTLS.time:${NOW_S}\nTLS.expire:60\nTLS.userbuf:x`
    const signature = sigOf(evilId, APP, NOW_S, 60)
    const userBuf = `x\nTLS.sdkappid:${APP}\nTLS.time:${NOW_S}\nTLS.expire:60`
    expect(sigOf('alice', APP, NOW_S, 60, userBuf)).toBe(signature)
    const forged = documentWith({ 'TLS.userbuf': userBuf, 'TLS.sig': signature })
    expect(reasonOf(pack(JSON.stringify(forged)))).toBe('unparsable')
    expect(() => signTlsUserSig(keys, { userId: evilId, sdkAppId: APP, issuedAtMs: NOW_MS, lifetimeS: 60 })).toThrow(
      RangeError,
    )
  })

  test('with a userbuf that was not signed, or without one that was, is a wrong signature', () => {
    const added = documentWith({ 'TLS.userbuf': 'AAAA' })
    const removed = documentWith({ 'TLS.sig': sigOf('alice', APP, NOW_S, 60, 'AAAA') })
    expect(reasonOf(pack(JSON.stringify(added)))).toBe('signature')
    expect(reasonOf(pack(JSON.stringify(removed)))).toBe('signature')
  })
})

describe('the text', () => {
  const userSig = signTlsUserSig(keys, { userId: 'alice', sdkAppId: APP, issuedAtMs: NOW_MS, lifetimeS: 60 })

  test('of up to 4 KiB is inflated, a bomb is not', () => {
    expect(reasonOf(pack(`${documentOf(userSig)}${' '.repeat(3500)}`))).toBe('accepted')
    expect(reasonOf(pack(`${documentOf(userSig)}${' '.repeat(5000)}`))).toBe('unparsable')
    const bomb = pack(Buffer.alloc(5_000_000, ' '))
    expect(bomb.length).toBeLessThan(8192)
    expect(reasonOf(bomb)).toBe('unparsable')
    expect(reasonOf(pack(Buffer.alloc(16_000_000, ' ')))).toBe('unparsable')
  })

  test.each([
    ['cut off', userSig.slice(0, -5)],
    ['without its padding', userSig.replace(/_+$/, '')],
    ['with a space', `${userSig} `],
    ['in the standard alphabet', pack('x').replaceAll('_', '=')],
    ['of a raw deflate stream', deflateRawSync(documentOf(userSig)).toString('base64')],
    ['that is no base64', '!!!!'],
    ['too long to be one', userSig.repeat(50)],
    ['of no JSON', pack('hello')],
    ['of an array', pack('[]')],
    ['of a number', pack('1')],
    ['that is not UTF-8', pack(Buffer.from([0x7b, 0xff, 0x7d]))],
    ['behind a byte order mark', pack(`\ufeff${documentOf(userSig)}`)],
  ])('%s cannot be parsed', (_, text) => {
    expect(reasonOf(text)).toBe('unparsable')
  })

  test('with bytes after the compressed stream cannot be parsed', () => {
    const stream = deflateSync(documentOf(userSig))
    const toText = (bytes: Buffer) =>
      bytes.toString('base64').replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_')
    expect(reasonOf(toText(stream))).toBe('accepted')
    expect(reasonOf(toText(Buffer.concat([stream, Buffer.from([0])])))).toBe('unparsable')
    expect(reasonOf(toText(Buffer.concat([stream, stream])))).toBe('unparsable')
  })
})

test('an order that could not be verified is not signed', () => {
  const order = { userId: 'alice', sdkAppId: APP, issuedAtMs: NOW_MS, lifetimeS: 60 }
  for (const bad of [
    { userId: '' },
    { sdkAppId: 0 },
    { lifetimeS: 0 },
    { lifetimeS: 1.5 },
    { issuedAtMs: Number.NaN },
  ]) {
    expect(() => signTlsUserSig(keys, { ...order, ...bad })).toThrow(RangeError)
  }
})
