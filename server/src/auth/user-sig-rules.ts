import { UserSigRejected, type ClaimedIdentity, type Verified } from './user-sig.ts'

/** Longer texts are refused before any decoding: a genuine one of either form has a few hundred characters. */
export const MAX_USER_SIG_CHARS = 8192

/** How far an issuer's clock may be ahead of ours. */
const MAX_ISSUER_AHEAD_MS = 300_000
/** Tencent's own limit: 50 years, leap days included. */
const MAX_LIFETIME_S = 1_577_880_000
/** Far beyond any genuine time, and small enough that no sum or product below loses precision. */
const MAX_TIME_S = 1e11
const MAX_USER_ID_BYTES = 256

/** What a token says, once its signature has been found genuine. */
export interface SignedClaims {
  readonly userId: string
  readonly sdkAppId: number
  readonly issuedAtS: number
  readonly expiresAtS: number
  /** Of the forms, only JWT can say it. */
  readonly notBeforeS?: number
}

/** Compares genuine claims with the caller and the clock. Throws `UserSigRejected`. */
export function assertUsable(claims: SignedClaims, claimed: ClaimedIdentity, nowMs: number): Verified {
  if (claims.userId !== claimed.userId) throw new UserSigRejected('other-user')
  if (claims.sdkAppId !== claimed.sdkAppId) throw new UserSigRejected('other-app')
  const earliestMs = Math.max(claims.issuedAtS, claims.notBeforeS ?? 0) * 1000 - MAX_ISSUER_AHEAD_MS
  if (nowMs < earliestMs) throw new UserSigRejected('not-yet-valid')
  // TIM: "invalid once now > time + expire", so the last millisecond itself still counts.
  if (nowMs > claims.expiresAtS * 1000) throw new UserSigRejected('expired')
  return { userId: claims.userId, issuedAtMs: claims.issuedAtS * 1000, expiresAtMs: claims.expiresAtS * 1000 }
}

/**
 * A user id that means the same bytes to everybody. Control characters are out because Tencent's form signs lines
 * without escaping: an id with a line feed in it could be re-read as other lines under the same signature. Lone
 * surrogates are out because they are signed as U+FFFD, so that two ids would share a signature.
 */
export function isSignableUserId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    Buffer.byteLength(value) <= MAX_USER_ID_BYTES &&
    !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value)
  )
}

export function isSdkAppId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= 0xffff_ffff
}

export function isTimeS(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= MAX_TIME_S
}

export function isLifetimeS(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= MAX_LIFETIME_S
}

/** What is to be signed. `issuedAtMs` is cut to whole seconds. */
export interface UserSigOrder {
  readonly userId: string
  readonly sdkAppId: number
  readonly issuedAtMs: number
  readonly lifetimeS: number
}

/** Throws RangeError for an order whose token our own verifier would refuse. */
export function assertSignable(order: UserSigOrder): { readonly issuedAtS: number } {
  const issuedAtS = Math.floor(order.issuedAtMs / 1000)
  if (!isSignableUserId(order.userId)) throw new RangeError('the user id is empty, too long or has control characters')
  if (!isSdkAppId(order.sdkAppId)) throw new RangeError('the SDKAppID is a positive 32-bit integer')
  if (!isLifetimeS(order.lifetimeS)) throw new RangeError(`the lifetime is 1 to ${MAX_LIFETIME_S} whole seconds`)
  if (!isTimeS(issuedAtS)) throw new RangeError('the issue time is out of range')
  return { issuedAtS }
}
