import { createHash, createSecretKey, type KeyObject } from 'node:crypto'

const MIN_SECRET_CHARS = 32
const MAX_SECRET_CHARS = 256
const MAX_KEYS = 8
const FINGERPRINT_CHARS = 16

/** One secret, in the forms its users need. Its text never leaves this object. */
export interface RingKey {
  /** A name for the key that may be public: it is derived from the secret, one way. */
  readonly fingerprint: string
  readonly secret: KeyObject
}

/**
 * The secrets of one application, newest first: the first signs, all verify. Rotation is to put the new secret in
 * front, and to drop the old one when the last token it signed has expired.
 */
export interface KeyRing {
  readonly signing: RingKey
  readonly all: readonly RingKey[]
  /** The key with this fingerprint. A lookup among our own few keys: the text reaches no file and no query. */
  find(fingerprint: string): RingKey | undefined
}

/** Throws RangeError for no or too many secrets, for one that is no key, and for a secret given twice. */
export function createKeyRing(secrets: readonly string[]): KeyRing {
  if (secrets.length > MAX_KEYS) throw new RangeError(`at most ${MAX_KEYS} secrets can be in use at once`)
  const all = secrets.map(ringKey)
  const [signing] = all
  if (signing === undefined) throw new RangeError('at least one secret is needed')
  if (new Set(all.map((key) => key.fingerprint)).size < all.length) throw new RangeError('a secret is given twice')
  return { signing, all, find: (fingerprint) => all.find((key) => key.fingerprint === fingerprint) }
}

/** Says what is wrong with a secret without repeating it; undefined when it can serve as a key. */
export function secretFault(secret: string): string | undefined {
  if (secret.length < MIN_SECRET_CHARS) return `a secret has at least ${MIN_SECRET_CHARS} characters`
  if (secret.length > MAX_SECRET_CHARS) return `a secret has at most ${MAX_SECRET_CHARS} characters`
  if (!/^[\x21-\x2b\x2d-\x7e]+$/.test(secret)) return 'a secret is printable ASCII without spaces and commas'
  return undefined
}

function ringKey(secret: string): RingKey {
  const fault = secretFault(secret)
  if (fault !== undefined) throw new RangeError(fault)
  const fingerprint = createHash('sha256').update('hongyan userSig key\n').update(secret).digest('base64url')
  return {
    fingerprint: fingerprint.slice(0, FINGERPRINT_CHARS),
    // Tencent uses the hexadecimal text itself as the key, not the bytes it spells.
    secret: createSecretKey(Buffer.from(secret, 'ascii')),
  }
}
