import jwt from 'jsonwebtoken'
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
  type SignedClaims,
  type UserSigOrder,
} from './user-sig-rules.ts'

/** Pinned here, in code: what a token's header says about its algorithm is never asked. */
const ALGORITHM = 'HS256'

/**
 * A JWT with `sub` (the user id), `sdkAppId`, `iat` and `exp`, signed with HS256. `kid`, when given, is the
 * fingerprint of one of our keys; without it every key of the ring is tried.
 */
export function createJwtUserSigVerifier(keys: KeyRing, clock: Pick<Clock, 'now'>): UserSigVerifier {
  return {
    verify(userSig, claimed) {
      const { header, payload } = openParts(userSig)
      if (!candidates(keys, header).some((key) => isSignedBy(key, userSig))) throw new UserSigRejected('signature')
      const claims = claimsOf(payload)
      if (!claims) throw new UserSigRejected('unparsable')
      return assertUsable(claims, claimed, clock.now())
    },
  }
}

/** Signs with the ring's first key and names it. Throws RangeError for what the verifier would refuse. */
export function signJwtUserSig(keys: KeyRing, order: UserSigOrder): string {
  const { issuedAtS } = assertSignable(order)
  const payload = {
    sub: order.userId,
    sdkAppId: order.sdkAppId,
    iat: issuedAtS,
    exp: issuedAtS + order.lifetimeS,
  }
  return jwt.sign(payload, keys.signing.secret, { algorithm: ALGORITHM, keyid: keys.signing.fingerprint })
}

type Part = ReadonlyMap<string, unknown>

function openParts(userSig: string): { readonly header: Part; readonly payload: Part } {
  const parts = userSig.length > MAX_USER_SIG_CHARS ? [] : userSig.split('.')
  const [header, payload] = parts.slice(0, 2).map(openPart)
  if (parts.length !== 3 || !header || !payload) throw new UserSigRejected('unparsable')
  return { header, payload }
}

function openPart(part: string): Part | undefined {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part) return undefined
  try {
    return parseStrictObject(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return undefined
  }
}

function candidates(keys: KeyRing, header: Part): readonly RingKey[] {
  // `crit` lists extensions that a verifier must understand or refuse; we understand none.
  if (header.get('alg') !== ALGORITHM || header.has('crit')) return []
  if (!header.has('kid')) return keys.all
  const kid = header.get('kid')
  const key = typeof kid === 'string' ? keys.find(kid) : undefined
  return key ? [key] : []
}

function isSignedBy(key: RingKey, userSig: string): boolean {
  try {
    // The times are compared by assertUsable, with our clock and the same rules for both forms.
    jwt.verify(userSig, key.secret, { algorithms: [ALGORITHM], ignoreExpiration: true, ignoreNotBefore: true })
    return true
  } catch {
    return false
  }
}

function claimsOf(payload: Part): SignedClaims | undefined {
  const userId = payload.get('sub')
  const sdkAppId = payload.get('sdkAppId')
  const issuedAtS = payload.get('iat')
  const expiresAtS = payload.get('exp')
  const notBeforeS = payload.get('nbf')
  if (!isSignableUserId(userId) || !isSdkAppId(sdkAppId)) return undefined
  if (!isTimeS(issuedAtS) || !isTimeS(expiresAtS) || !isLifetimeS(expiresAtS - issuedAtS)) return undefined
  if (!payload.has('nbf')) return { userId, sdkAppId, issuedAtS, expiresAtS }
  return isTimeS(notBeforeS) ? { userId, sdkAppId, issuedAtS, expiresAtS, notBeforeS } : undefined
}
