import { createHmac } from 'node:crypto'
import { deflateSync } from 'node:zlib'

export interface UserSigOrder {
  readonly userId: string
  readonly sdkAppId: number
  readonly issuedAtMs: number
  readonly lifetimeS: number
}

/**
 * A userSig in Tencent's form, as any back end of a school makes it. On its own, because the load generator is a program
 * of its own and takes nothing from the server; a test has the server's verifier look at it.
 */
export function signUserSig(secret: string, { userId, sdkAppId, issuedAtMs, lifetimeS }: UserSigOrder): string {
  const timeS = Math.floor(issuedAtMs / 1000)
  const lines = `TLS.identifier:${userId}\nTLS.sdkappid:${sdkAppId}\nTLS.time:${timeS}\nTLS.expire:${lifetimeS}\n`
  const document = {
    'TLS.ver': '2.0',
    'TLS.identifier': userId,
    'TLS.sdkappid': sdkAppId,
    'TLS.time': timeS,
    'TLS.expire': lifetimeS,
    'TLS.sig': createHmac('sha256', secret).update(lines).digest('base64'),
  }
  const packed = deflateSync(JSON.stringify(document)).toString('base64')
  return packed.replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_')
}
