import { createKeyRing } from '../../server/src/auth/key-ring.ts'
import { signTlsUserSig } from '../../server/src/auth/tls-user-sig.ts'

export const SECRET = 'fedcba9876543210'.repeat(4)
export const SDK_APP_ID = 1400000001
/** Good on gateways whose clocks are hours behind or years ahead, too. */
const ISSUED_BEFORE_MS = 12 * 3_600_000
const LIFETIME_S = 20 * 365 * 86_400

const keys = createKeyRing([SECRET])

/** Signs as the school's back end would. */
export function userSigOf(userId: string): string {
  return signTlsUserSig(keys, {
    userId,
    sdkAppId: SDK_APP_ID,
    issuedAtMs: Date.now() - ISSUED_BEFORE_MS,
    lifetimeS: LIFETIME_S,
  })
}
