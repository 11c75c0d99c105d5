import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto'
import type { KeyRing } from '../auth/key-ring.ts'

const KEY_BYTES = 32
const MAC_BYTES = 24
const MAX_TEXT_CHARS = 200

/** What a text is signed for; one for a ticket is none for a token. */
export type SealPurpose = 'media token' | 'upload ticket'

/**
 * Signs short texts of numbers that go into addresses. The keys are derived from the application's secrets, so that a
 * signature of here says nothing anywhere else; the newest signs, and all of the ring verify.
 */
export class Seal {
  readonly #keys: readonly KeyObject[]
  readonly #purpose: SealPurpose

  constructor(ring: KeyRing, purpose: SealPurpose) {
    this.#purpose = purpose
    this.#keys = [ring.signing, ...ring.all.filter((key) => key !== ring.signing)].map(({ secret }) =>
      createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `hongyan ${purpose}`, KEY_BYTES))),
    )
  }

  /** The fields and their signature, made of characters that may stand anywhere in an address. */
  sign(fields: readonly (string | number)[]): string {
    const [key] = this.#keys
    if (!key) throw new Error('no key')
    const text = fields.join('.')
    return `${text}.${this.#mac(key, text).toString('base64url')}`
  }

  /** The fields as they were signed; undefined for what we did not sign. Takes as long for a near miss as for any other. */
  open(sealed: string): readonly string[] | undefined {
    if (sealed.length > MAX_TEXT_CHARS) return undefined
    const end = sealed.lastIndexOf('.')
    const text = sealed.slice(0, Math.max(0, end))
    const mac = Buffer.from(sealed.slice(end + 1), 'base64url')
    if (mac.length !== MAC_BYTES || mac.toString('base64url') !== sealed.slice(end + 1)) return undefined
    const isOurs = this.#keys.map((key) => timingSafeEqual(mac, this.#mac(key, text))).includes(true)
    return isOurs ? text.split('.') : undefined
  }

  #mac(key: KeyObject, text: string): Buffer {
    return createHmac('sha256', key).update(`${this.#purpose}\n${text}`).digest().subarray(0, MAC_BYTES)
  }
}
