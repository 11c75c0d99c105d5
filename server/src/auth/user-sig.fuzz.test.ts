import { createHmac, generateKeyPairSync } from 'node:crypto'
import { deflateSync, inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { signJwtUserSig } from './jwt-user-sig.ts'
import { createKeyRing } from './key-ring.ts'
import { signTlsUserSig } from './tls-user-sig.ts'
import { UserSigRejected, type Verified } from './user-sig.ts'
import { createUserSigVerifier } from './verifier.ts'

// [S-T1] Forged and mutated tokens against the whole verifier. Repeat a run with FUZZ_SEED=<printed seed>.

const CASES = 120_000
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0'
const OVERLAP = 'ab'.repeat(32)
const RETIRED = 'cd'.repeat(32)
const NOW_MS = 1_795_000_000_000
const NOW_S = NOW_MS / 1000
const APP = 1_400_000_000
const victim = { sdkAppId: APP, userId: 'victim' }
const keys = createKeyRing([SECRET, OVERLAP])
const retired = createKeyRing([RETIRED])
const verifier = createUserSigVerifier(keys, { now: () => NOW_MS })

const orderOf = (userId: string) => ({ userId, sdkAppId: APP, issuedAtMs: NOW_MS, lifetimeS: 86_400 })
const genuineTls = signTlsUserSig(keys, orderOf('victim'))
const genuineJwt = signJwtUserSig(keys, orderOf('victim'))
const genuine: Verified = verifier.verify(genuineTls, victim)
const genuineDocument = inflateTls(genuineTls)?.toString() ?? ''
const publicPem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString()

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
const random = randomFrom(SEED)
const below = (n: number) => Math.floor(random() * n)
function pick<T>(list: readonly T[]): T {
  return list[below(list.length)] as T
}

function toTls(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_')
}
function fromTls(text: string): Buffer {
  return Buffer.from(text.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '='), 'base64')
}
function inflateTls(text: string): Buffer | undefined {
  try {
    return inflateSync(fromTls(text), { maxOutputLength: 4096 })
  } catch {
    return undefined
  }
}
const packTls = (json: string | Buffer) => toTls(deflateSync(json, { level: below(10) }))
const part = (json: string) => Buffer.from(json).toString('base64url')
const hmac = (secret: string, input: string, hash = 'sha256') => createHmac(hash, secret).update(input)

function signedJwt(header: string, payload: string, secret = SECRET, hash = 'sha256'): string {
  const input = `${part(header)}.${part(payload)}`
  return `${input}.${hmac(secret, input, hash).digest('base64url')}`
}

function flipBits(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  for (let flips = 1 + below(3); flips > 0; flips -= 1) {
    const at = below(copy.length)
    copy[at] = (copy[at] ?? 0) ^ (1 << below(8))
  }
  return copy
}

function mangle(text: string): string {
  const at = below(text.length)
  const to = at + below(text.length - at)
  switch (below(6)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(at + 1)
    case 2:
      return text.slice(0, at) + text.slice(to)
    case 3:
      return text.slice(0, to) + text.slice(at)
    case 4:
      return text.slice(0, at) + String.fromCharCode(below(pick([128, 256, 65_536]))) + text.slice(at + below(2))
    default:
      return flipBits(Buffer.from(text)).toString('latin1')
  }
}

const JWT_HEADER = '{"alg":"HS256","typ":"JWT"}'
const claimsOf = (id: string) => `"sub":"${id}","sdkAppId":${APP},"iat":${NOW_S}`
const goodPayload = `{${claimsOf('victim')},"exp":${NOW_S + 86_400}}`
const ALGS = [
  'none',
  'NONE',
  'nOnE',
  '',
  'HS384',
  'HS512',
  'RS256',
  'RS512',
  'ES256',
  'PS256',
  'EdDSA',
  'hs256',
  'HS256 ',
]
const BAD_NUMBERS = [
  '"9999999999"',
  '1e400',
  '-1e400',
  '-1',
  '0',
  '-0',
  '0.5',
  'null',
  'true',
  '[]',
  '{}',
  '1e300',
  '"1e9"',
  '99999999999999999999',
]
const KIDS = [
  '../../../../dev/null',
  '/etc/passwd',
  "' OR '1'='1",
  "x' UNION SELECT 'key",
  '',
  '0',
  '__proto__',
  'constructor',
  '%00',
  'http://127.0.0.1/',
]
const INJECTIONS = ['x\nTLS.expire:999', 'AAAA\n', ' AAAA', 'AAA', 'AA==\nTLS.userbuf:AA==', '====', '\u0000']

function tlsDocument(changes: Record<string, string | undefined>, signed: boolean): string {
  const fields: Record<string, string | undefined> = {
    'TLS.ver': '"2.0"',
    'TLS.identifier': '"victim"',
    'TLS.sdkappid': String(APP),
    'TLS.time': String(NOW_S),
    'TLS.expire': '86400',
    ...changes,
  }
  const valueOf = (key: string) => {
    const text = fields[key] ?? ''
    return text.startsWith('"') ? (JSON.parse(text) as string) : text
  }
  const lines = ['TLS.identifier', 'TLS.sdkappid', 'TLS.time', 'TLS.expire', 'TLS.userbuf']
    .filter((key) => key !== 'TLS.userbuf' || fields[key] !== undefined)
    .map((key) => `${key}:${valueOf(key)}\n`)
  const signature = hmac(signed ? SECRET : pick([RETIRED, '', 'x', publicPem]), lines.join('')).digest('base64')
  const entries = Object.entries({ ...fields, 'TLS.sig': fields['TLS.sig'] ?? `"${signature}"` })
  return `{${entries.flatMap(([key, value]) => (value === undefined ? [] : [`"${key}":${value}`])).join(',')}}`
}

const attacks: Record<string, () => string> = {
  'text of the TLS form mangled': () => mangle(genuineTls),
  'text of the JWT form mangled': () => mangle(genuineJwt),
  'bits of the compressed stream flipped': () => toTls(flipBits(fromTls(genuineTls))),
  'bits of the TLS document flipped': () => packTls(flipBits(Buffer.from(genuineDocument))),
  'TLS document mangled': () => packTls(mangle(genuineDocument)),
  'bits of a JWT part flipped': () => {
    const parts = genuineJwt.split('.')
    const at = below(3)
    parts[at] = flipBits(Buffer.from(parts[at] ?? '', 'base64url')).toString('base64url')
    return parts.join('.')
  },
  'unsigned JWT with another algorithm': () => {
    const input = `${part(`{"alg":"${pick(ALGS)}","typ":"JWT"}`)}.${part(goodPayload)}`
    return `${input}.${pick(['', part('x'), genuineJwt.split('.')[2] ?? ''])}`
  },
  'JWT that names another algorithm, signed with the true secret': () =>
    signedJwt(`{"alg":"${pick(ALGS)}"}`, goodPayload, SECRET, pick(['sha256', 'sha384', 'sha512'])),
  'JWT signed with a public key or an empty secret': () =>
    signedJwt(pick([JWT_HEADER, '{"alg":"RS256"}']), goodPayload, pick([publicPem, publicPem.trim(), '', 'secret'])),
  'JWT with a foreign kid, signed with the true secret': () =>
    signedJwt(`{"alg":"HS256","kid":${JSON.stringify(pick(KIDS))}}`, goodPayload, pick([SECRET, '', RETIRED])),
  'JWT with the true kid, signed with another secret': () =>
    signedJwt(`{"alg":"HS256","kid":"${keys.signing.fingerprint}"}`, goodPayload, pick([RETIRED, OVERLAP, ''])),
  'JWT without or with a senseless exp, truly signed': () =>
    signedJwt(JWT_HEADER, `{${claimsOf('victim')}${pick(['', ...BAD_NUMBERS.map((value) => `,"exp":${value}`)])}}`),
  'JWT with a key twice, truly signed': () =>
    signedJwt(
      JWT_HEADER,
      goodPayload.replace('{', pick(['{"sub":"mallory",', '{"exp":1,', '{"sdkAppId":1,', '{"s\\u0075b":"x",'])),
    ),
  'TLS document with a senseless number, truly signed': () =>
    packTls(tlsDocument({ [pick(['TLS.time', 'TLS.expire', 'TLS.sdkappid'])]: pick(BAD_NUMBERS) }, true)),
  'TLS document with a key missing, truly signed': () =>
    packTls(
      tlsDocument({ [pick(['TLS.ver', 'TLS.identifier', 'TLS.sdkappid', 'TLS.time', 'TLS.expire'])]: undefined }, true),
    ),
  'TLS document with a key twice, truly signed': () =>
    packTls(
      tlsDocument({}, true).replace('{', pick(['{"TLS.identifier":"x",', '{"TLS.expire":1,', '{"TLS\\u002etime":1,'])),
    ),
  'TLS document with a senseless userbuf, truly signed': () =>
    packTls(tlsDocument({ 'TLS.userbuf': JSON.stringify(pick(INJECTIONS)) }, true)),
  'TLS document with a userbuf that nobody signed': () =>
    packTls(genuineDocument.replace('{', `{"TLS.userbuf":"${Buffer.from(String(random())).toString('base64')}",`)),
  'TLS document signed with another secret': () => packTls(tlsDocument({}, false)),
  'TLS document with a senseless signature': () =>
    packTls(tlsDocument({ 'TLS.sig': pick(['""', '0', 'null', '[]', '"AAAA"', '{"length":44}']) }, true)),
  'expired or of the future, truly signed': () => {
    const shiftS = pick([-86_401, -1e8, 301, 1e6])
    const order = { ...orderOf('victim'), issuedAtMs: NOW_MS + shiftS * 1000 }
    return pick([signTlsUserSig, signJwtUserSig])(keys, order)
  },
  'of another user or application, truly signed': () => {
    const order = pick([
      orderOf('Victim'),
      orderOf('victim '),
      orderOf('victim\u200b'),
      { ...orderOf('victim'), sdkAppId: APP + 1 },
    ])
    return pick([signTlsUserSig, signJwtUserSig])(keys, order)
  },
  'signed with a retired key': () => pick([signTlsUserSig, signJwtUserSig])(retired, orderOf('victim')),
  noise: () =>
    pick(['', 'eJ', 'eyJ', 'eyJ.']) + String.fromCharCode(...Array.from({ length: below(300) }, () => below(65_536))),
}

const bombs: readonly string[] = [
  toTls(deflateSync(Buffer.alloc(12_000_000, ' '))).slice(0, 16_384),
  toTls(deflateSync(Buffer.alloc(12_000_000, ' '))),
  toTls(deflateSync(Buffer.alloc(5_000_000, ' '))),
  toTls(deflateSync(`${genuineDocument}${' '.repeat(100_000)}`)),
  toTls(deflateSync(`${'['.repeat(4000)}`)),
  `${part('{"alg":"HS256"}')}.${part(`${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`)}.x`,
  'a'.repeat(1_000_000),
]

type Outcome = { readonly verified: Verified } | { readonly error: unknown }

function attempt(userSig: string): Outcome {
  try {
    return { verified: verifier.verify(userSig, victim) }
  } catch (error) {
    return { error }
  }
}

/**
 * What is authenticated is what the document says: another compression of it, or blanks between its JSON tokens, make
 * the same token. Both comparisons are needed: the first alone would forgive a blank inside a value, the second a key
 * given twice.
 */
function isGenuine(userSig: string): boolean {
  if (userSig === genuineJwt) return true
  const document = inflateTls(userSig)?.toString('latin1') ?? ''
  if (document.replaceAll(/[ \t\r\n]/g, '') !== genuineDocument) return false
  return JSON.stringify(JSON.parse(document)) === genuineDocument
}

test(`[S-T1] of ${CASES} forged and mutated tokens none is accepted and each is refused by name (FUZZ_SEED=${SEED})`, () => {
  console.log(`FUZZ_SEED=${SEED}`)
  const names = Object.keys(attacks)
  const reasons = new Map<string, number>()
  let same = 0
  for (let i = 0; i < CASES; i += 1) {
    const name = names[i % names.length] ?? ''
    const userSig = attacks[name]?.() ?? ''
    const outcome = attempt(userSig)
    if ('verified' in outcome) {
      if (!isGenuine(userSig)) expect.fail(`case ${i}, ${name}: accepted ${JSON.stringify(userSig)}`)
      expect(outcome.verified).toEqual(genuine)
      same += 1
      continue
    }
    if (!(outcome.error instanceof UserSigRejected)) expect.fail(`case ${i}, ${name}: threw ${String(outcome.error)}`)
    reasons.set(outcome.error.reason, (reasons.get(outcome.error.reason) ?? 0) + 1)
  }
  // The run has to have reached every branch, and mutants that are still the token have to be the exception.
  expect([...reasons.keys()].toSorted()).toEqual(
    ['empty', 'expired', 'not-yet-valid', 'other-app', 'other-user', 'signature', 'unparsable'].toSorted(),
  )
  expect(same).toBeLessThan(CASES / 100)
}, 60_000)

test('[S-T1] bombs are refused and the genuine tokens are still accepted', () => {
  for (const bomb of bombs) {
    const outcome = attempt(bomb)
    expect('error' in outcome && outcome.error).toBeInstanceOf(UserSigRejected)
  }
  for (const userSig of [genuineTls, genuineJwt]) expect(attempt(userSig)).toEqual({ verified: genuine })
})
