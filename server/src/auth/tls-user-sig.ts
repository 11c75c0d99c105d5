import { createHmac, timingSafeEqual } from 'node:crypto'
import { deflateSync, inflateSync } from 'node:zlib'
import type { Clock } from '../kit/clock.ts'
import type { KeyRing, RingKey } from './key-ring.ts'
import { parseStrictObject } from './strict-json.ts'
import { UserSigRejected, type UserSigVerifier } from './user-sig.ts'
import {
  assertSignable,
  assertUsable,
  isLifetimeS,
  isSdkAppId,
  isSignableUserId,
  isTimeS,
  MAX_USER_SIG_CHARS,
  type UserSigOrder,
} from './user-sig-rules.ts'

/** A genuine document has about 200 bytes; 12 KB of token can inflate to 12 MiB. */
const MAX_DOCUMENT_BYTES = 4096
/** What a genuine one fits into: zlib sets so much aside at a time, 16 KB if not told. */
const CHUNK_BYTES = 512
const KEYS: ReadonlySet<string> = new Set([
  'TLS.ver',
  'TLS.identifier',
  'TLS.sdkappid',
  'TLS.time',
  'TLS.expire',
  'TLS.userbuf',
  'TLS.sig',
])

/** What Tencent's form signs: everything in the document but its version and the signature itself. */
interface TlsFields {
  readonly identifier: string
  readonly sdkAppId: number
  readonly timeS: number
  readonly expireS: number
  /** Standard base64, signed as that text. */
  readonly userBuf: string | undefined
}

/**
 * Tencent's UserSig v2: base64 (with `*-_` for `+/=`) of zlib of a JSON document with an HMAC-SHA256 in it.
 *
 * What is authenticated is what the document says. The text must be canonical base64 and nothing may follow the
 * compressed stream; another compression of one document (a zlib level, a filler bit) or other blanks between its JSON
 * tokens make the same token, not a forged one.
 */
export function createTlsUserSigVerifier(keys: KeyRing, clock: Pick<Clock, 'now'>): UserSigVerifier {
  return {
    verify(userSig, claimed) {
      const { fields, signature } = openDocument(userSig)
      if (!isSignedByAny(keys, fields, signature)) throw new UserSigRejected('signature')
      const claims = {
        userId: fields.identifier,
        sdkAppId: fields.sdkAppId,
        issuedAtS: fields.timeS,
        expiresAtS: fields.timeS + fields.expireS,
      }
      return assertUsable(claims, claimed, clock.now())
    },
  }
}

/** Makes the same text as Tencent's own generators. Throws RangeError for what the verifier would refuse. */
export function signTlsUserSig(keys: KeyRing, order: UserSigOrder): string {
  const { issuedAtS } = assertSignable(order)
  const fields: TlsFields = {
    identifier: order.userId,
    sdkAppId: order.sdkAppId,
    timeS: issuedAtS,
    expireS: order.lifetimeS,
    userBuf: undefined,
  }
  const document = {
    'TLS.ver': '2.0',
    'TLS.identifier': fields.identifier,
    'TLS.sdkappid': fields.sdkAppId,
    'TLS.time': fields.timeS,
    'TLS.expire': fields.expireS,
    'TLS.sig': signatureOf(keys.signing, fields),
  }
  return toTlsBase64(deflateSync(JSON.stringify(document)))
}

function openDocument(userSig: string): { readonly fields: TlsFields; readonly signature: string } {
  const packed = fromTlsBase64(userSig)
  const text = packed && inflateText(packed)
  const document = text === undefined ? undefined : parseStrictObject(text)
  const opened = document && fieldsOf(document)
  if (!opened) throw new UserSigRejected('unparsable')
  return opened
}

function fieldsOf(document: ReadonlyMap<string, unknown>) {
  for (const key of document.keys()) if (!KEYS.has(key)) return undefined
  const identifier = document.get('TLS.identifier')
  const sdkAppId = document.get('TLS.sdkappid')
  const timeS = document.get('TLS.time')
  const expireS = document.get('TLS.expire')
  const userBuf = document.get('TLS.userbuf')
  const signature = document.get('TLS.sig')
  if (document.get('TLS.ver') !== '2.0' || typeof signature !== 'string') return undefined
  if (!isSignableUserId(identifier) || !isSdkAppId(sdkAppId)) return undefined
  if (!isTimeS(timeS) || !isLifetimeS(expireS)) return undefined
  if (document.has('TLS.userbuf') ? !isBase64(userBuf) : userBuf !== undefined) return undefined
  return {
    fields: { identifier, sdkAppId, timeS, expireS, userBuf: isBase64(userBuf) ? userBuf : undefined },
    signature,
  }
}

/** Asks every key, also after a hit, so that the time does not tell which key it was. */
function isSignedByAny(keys: KeyRing, fields: TlsFields, signature: string): boolean {
  let hits = 0
  for (const key of keys.all) if (isEqual(signatureOf(key, fields), signature)) hits += 1
  return hits > 0
}

function signatureOf(key: RingKey, fields: TlsFields): string {
  const lines = [
    `TLS.identifier:${fields.identifier}\n`,
    `TLS.sdkappid:${fields.sdkAppId}\n`,
    `TLS.time:${fields.timeS}\n`,
    `TLS.expire:${fields.expireS}\n`,
    fields.userBuf === undefined ? '' : `TLS.userbuf:${fields.userBuf}\n`,
  ]
  return createHmac('sha256', key.secret).update(lines.join('')).digest('base64')
}

function isEqual(expected: string, given: string): boolean {
  const expectedBytes = Buffer.from(expected)
  const givenBytes = Buffer.from(given)
  return expectedBytes.length === givenBytes.length && timingSafeEqual(expectedBytes, givenBytes)
}

function inflateText(packed: Buffer): string | undefined {
  try {
    const { buffer, engine } = inflateWithInfo(packed)
    if (engine.bytesWritten !== packed.length) return undefined
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(buffer)
  } catch {
    return undefined
  }
}

/** With `info`, Node answers how many bytes the stream took; its type declarations do not know. */
function inflateWithInfo(packed: Buffer): InflatedWithInfo {
  const options = { maxOutputLength: MAX_DOCUMENT_BYTES, chunkSize: CHUNK_BYTES, info: true }
  return inflateSync(packed, options) as unknown as InflatedWithInfo
}

interface InflatedWithInfo {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

function toTlsBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_')
}

function fromTlsBase64(text: string): Buffer | undefined {
  if (text.length > MAX_USER_SIG_CHARS || !/^[A-Za-z0-9*_-]+$/.test(text)) return undefined
  const standard = text.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=')
  const bytes = Buffer.from(standard, 'base64')
  return bytes.toString('base64') === standard ? bytes : undefined
}

/** Canonical standard base64: were line feeds let through, a userbuf could be re-read as other signed lines. */
function isBase64(value: unknown): value is string {
  return typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value
}
