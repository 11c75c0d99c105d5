import { createHmac, generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { describe, expect, test } from 'vitest'
import { createJwtUserSigVerifier, signJwtUserSig } from './jwt-user-sig.ts'
import { createKeyRing } from './key-ring.ts'
import { UserSigRejected, type ClaimedIdentity } from './user-sig.ts'
import { createUserSigVerifier } from './verifier.ts'

const SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0'
const NEXT = 'e'.repeat(64)
const NOW_MS = 1_795_000_000_000
const NOW_S = NOW_MS / 1000
const APP = 1_400_000_000
const alice: ClaimedIdentity = { sdkAppId: APP, userId: 'alice' }
const keys = createKeyRing([SECRET])
const verifier = createJwtUserSigVerifier(keys, { now: () => NOW_MS })
const order = { userId: 'alice', sdkAppId: APP, issuedAtMs: NOW_MS, lifetimeS: 60 }

function reasonOf(userSig: string, claimed = alice, by = verifier): string {
  try {
    by.verify(userSig, claimed)
    return 'accepted'
  } catch (err) {
    return err instanceof UserSigRejected ? err.reason : `threw ${String(err)}`
  }
}

/** Signs these exact texts with the true secret, so that only the check under test can refuse them. */
function signRaw(header: string, payload: string, hash = 'sha256', secret = SECRET): string {
  const input = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.')
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`
}

const HEADER = '{"alg":"HS256","typ":"JWT"}'
const PAYLOAD = JSON.stringify({ sub: 'alice', sdkAppId: APP, iat: NOW_S, exp: NOW_S + 60 })

test('ours is accepted, and is what jsonwebtoken makes of the same claims without a kid', () => {
  expect(verifier.verify(signJwtUserSig(keys, order), alice)).toEqual({
    userId: 'alice',
    issuedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 60_000,
  })
  const foreign = jwt.sign({ sub: 'alice', sdkAppId: APP, iat: NOW_S, exp: NOW_S + 60 }, SECRET)
  expect(reasonOf(foreign)).toBe('accepted')
  expect(signRaw(HEADER, PAYLOAD)).toBe(foreign)
})

test('the caller must be the user and in the application that the token names', () => {
  const userSig = signJwtUserSig(keys, order)
  expect(reasonOf(userSig, { sdkAppId: APP, userId: 'bob' })).toBe('other-user')
  expect(reasonOf(userSig, { sdkAppId: 1, userId: 'alice' })).toBe('other-app')
})

test('it is valid from five minutes before iat and nbf until exp', () => {
  const at = (ms: number, payload = PAYLOAD) =>
    reasonOf(signRaw(HEADER, payload), alice, createJwtUserSigVerifier(keys, { now: () => ms }))
  expect(at(NOW_MS - 300_001)).toBe('not-yet-valid')
  expect(at(NOW_MS - 300_000)).toBe('accepted')
  expect(at(NOW_MS + 60_000)).toBe('accepted')
  expect(at(NOW_MS + 60_001)).toBe('expired')
  const later = PAYLOAD.replace('}', `,"nbf":${NOW_S + 600}}`)
  expect(at(NOW_MS, later)).toBe('not-yet-valid')
})

describe('the key ring', () => {
  const overlap = createKeyRing([NEXT, SECRET])
  const during = createJwtUserSigVerifier(overlap, { now: () => NOW_MS })
  const after = createJwtUserSigVerifier(createKeyRing([NEXT]), { now: () => NOW_MS })

  test('verifies with both keys during a rotation and signs with the first', () => {
    expect(reasonOf(signJwtUserSig(keys, order), alice, during)).toBe('accepted')
    expect(reasonOf(signJwtUserSig(overlap, order), alice, after)).toBe('accepted')
  })

  test('refuses the retired key, with and without its kid', () => {
    expect(reasonOf(signJwtUserSig(keys, order), alice, after)).toBe('signature')
    expect(reasonOf(signRaw(HEADER, PAYLOAD), alice, after)).toBe('signature')
  })

  test('takes a kid only as the fingerprint of one of its keys, and then only that key', () => {
    const withKid = (kid: unknown) => signRaw(JSON.stringify({ alg: 'HS256', kid }), PAYLOAD)
    expect(reasonOf(withKid(keys.signing.fingerprint), alice, during)).toBe('accepted')
    expect(reasonOf(withKid(overlap.signing.fingerprint), alice, during)).toBe('signature')
    for (const kid of ['../../../dev/null', '/dev/null', "' OR 1=1 --", '', '0', 0, null, [keys.signing.fingerprint]]) {
      expect(reasonOf(withKid(kid), alice, during)).toBe('signature')
    }
  })
})

describe('the algorithm is HS256, whatever the header says', () => {
  test.each(['none', 'NONE', 'None', 'nOnE', '', 'hs256', 'HS384', 'HS512', 'RS256', 'PS256', 'ES256', null, 256])(
    'alg %s is a wrong signature',
    (alg) => {
      const header = JSON.stringify({ alg, typ: 'JWT' })
      const unsigned = `${[header, PAYLOAD].map((part) => Buffer.from(part).toString('base64url')).join('.')}.`
      expect(reasonOf(unsigned)).toBe('signature')
      for (const hash of ['sha256', 'sha384', 'sha512'])
        expect(reasonOf(signRaw(header, PAYLOAD, hash))).toBe('signature')
    },
  )

  test('a token signed with a private key, or with its public half as the secret, is a wrong signature', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect(reasonOf(jwt.sign(PAYLOAD, privateKey, { algorithm: 'RS256' }))).toBe('signature')
    expect(reasonOf(signRaw(HEADER, PAYLOAD, 'sha256', pem))).toBe('signature')
  })

  test('a critical extension is not understood and so refused', () => {
    expect(reasonOf(signRaw('{"alg":"HS256","crit":["b64"],"b64":false}', PAYLOAD))).toBe('signature')
  })
})

describe('claims that are signed but make no sense cannot be parsed', () => {
  const claims = { sub: '"alice"', sdkAppId: String(APP), iat: String(NOW_S), exp: String(NOW_S + 60) }
  const payloadOf = (changes: Record<string, string | undefined>) =>
    `{${Object.entries({ ...claims, ...changes })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `"${key}":${value}`)
      .join(',')}}`

  test.each([
    ...['exp', 'iat', 'sub', 'sdkAppId'].map((name): [string, string | undefined] => [name, undefined]),
    ...['"1795000060"', '1e400', '-1', '0', '1795000060.5', 'null', 'true', '[1795000060]', '1e15', '5e10'].map(
      (value): [string, string] => ['exp', value],
    ),
    ...['"1"', '-1e400', '-5', '1e400', 'null', '1795000060', '1795000061'].map((value): [string, string] => [
      'iat',
      value,
    ]),
    ['nbf', '"1"'],
    ['nbf', 'null'],
    ['sdkAppId', '"1400000000"'],
    ['sdkAppId', '1400000000.5'],
    ['sub', '1'],
    ['sub', '["alice"]'],
    ['sub', '"a\\nb"'],
    ['sub', '"\\ud800"'],
  ])('%s: %s', (name, value) => {
    expect(reasonOf(signRaw(HEADER, payloadOf({})))).toBe('accepted')
    expect(reasonOf(signRaw(HEADER, payloadOf({ [name]: value })))).toBe('unparsable')
  })

  test('a claim or header given twice', () => {
    expect(reasonOf(signRaw(HEADER, PAYLOAD.replace('{', '{"sub":"bob",')))).toBe('unparsable')
    expect(reasonOf(signRaw(HEADER, PAYLOAD.replace('{', '{"s\\u0075b":"bob",')))).toBe('unparsable')
    expect(reasonOf(signRaw('{"alg":"none","alg":"HS256"}', PAYLOAD))).toBe('unparsable')
  })
})

test('text that is no JWT cannot be parsed', () => {
  const [header = '', payload = '', signature = ''] = signJwtUserSig(keys, order).split('.')
  const texts = [
    `${header}.${payload}`,
    `${header}.${payload}.${signature}.`,
    `${header}=.${payload}.${signature}`,
    `${header}. ${payload}.${signature}`,
    `${header}..${signature}`,
    `${header}.${Buffer.from('[]').toString('base64url')}.${signature}`,
    `${header}.${payload}.${'A'.repeat(9000)}`,
  ]
  for (const text of texts) expect(reasonOf(text)).toBe('unparsable')
  expect(reasonOf(`${header}.${payload}.${signature}=`)).toBe('signature')
})

test('the verifier tells the forms apart, and every rejection reads the same', () => {
  const either = createUserSigVerifier(keys, { now: () => NOW_MS })
  expect(reasonOf('', alice, either)).toBe('empty')
  expect(reasonOf('garbage', alice, either)).toBe('unparsable')
  expect(reasonOf('a.b.c', alice, either)).toBe('unparsable')
  expect(reasonOf(signJwtUserSig(keys, order), alice, either)).toBe('accepted')
  const texts = ['', 'garbage', signRaw(HEADER, PAYLOAD, 'sha512')].map((userSig) => {
    try {
      return either.verify(userSig, alice)
    } catch (err) {
      return String(err)
    }
  })
  expect(new Set(texts).size).toBe(1)
})
