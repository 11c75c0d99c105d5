import type { Clock } from '../kit/clock.ts'
import { createJwtUserSigVerifier } from './jwt-user-sig.ts'
import type { KeyRing } from './key-ring.ts'
import { createTlsUserSigVerifier } from './tls-user-sig.ts'
import { UserSigRejected, type UserSigVerifier } from './user-sig.ts'

/** Accepts both forms of userSig, telling them apart by their look. */
export function createUserSigVerifier(keys: KeyRing, clock: Pick<Clock, 'now'>): UserSigVerifier {
  const jwt = createJwtUserSigVerifier(keys, clock)
  const tls = createTlsUserSigVerifier(keys, clock)
  return {
    verify(userSig, claimed) {
      if (userSig === '') throw new UserSigRejected('empty')
      return (looksLikeJwt(userSig) ? jwt : tls).verify(userSig, claimed)
    },
  }
}

/** `eyJ` is base64 for `{"`; a dot does not exist in the alphabet of Tencent's form. */
function looksLikeJwt(userSig: string): boolean {
  return userSig.startsWith('eyJ') && userSig.includes('.')
}
