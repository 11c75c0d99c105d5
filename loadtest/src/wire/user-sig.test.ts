import { expect, test } from 'vitest'
import { createKeyRing } from '../../../server/src/auth/key-ring.ts'
import { createTlsUserSigVerifier } from '../../../server/src/auth/tls-user-sig.ts'
import { signUserSig } from './user-sig.ts'

const SECRET = '0123456789abcdef'.repeat(4)
const NOW_MS = 1_760_000_000_000
const ORDER = { userId: 'lt-1-家长', sdkAppId: 1400000000, issuedAtMs: NOW_MS, lifetimeS: 600 }

test('the server takes a signature that was made here, and none of another secret', () => {
  const verifier = createTlsUserSigVerifier(createKeyRing([SECRET]), { now: () => NOW_MS + 1000 })
  const claimed = { sdkAppId: ORDER.sdkAppId, userId: ORDER.userId as never }
  expect(verifier.verify(signUserSig(SECRET, ORDER), claimed).expiresAtMs).toBe(NOW_MS + 600_000)
  expect(() => verifier.verify(signUserSig('f'.repeat(64), ORDER), claimed)).toThrow()
})
