import { createHmac } from 'node:crypto'
import { deflateSync } from 'node:zlib'

export interface SigOrder {
  readonly userID: string
  readonly sdkAppID: number
  readonly secretKey: string
  /** From now; not above zero for one that has expired. */
  readonly lifetimeSeconds: number
}

const LONG_AGO_SECONDS = 86_400

/** A userSig as a school's back end makes it: Tencent's published algorithm, written independently of the server's. */
export function signUserSig({ userID, sdkAppID, secretKey, lifetimeSeconds }: SigOrder): string {
  const hasExpired = lifetimeSeconds <= 0
  const time = Math.floor(Date.now() / 1000) - (hasExpired ? LONG_AGO_SECONDS : 0)
  const expire = hasExpired ? 60 : lifetimeSeconds
  const signed = `TLS.identifier:${userID}\nTLS.sdkappid:${sdkAppID}\nTLS.time:${time}\nTLS.expire:${expire}\n`
  const document = {
    'TLS.ver': '2.0',
    'TLS.identifier': userID,
    'TLS.sdkappid': sdkAppID,
    'TLS.time': time,
    'TLS.expire': expire,
    'TLS.sig': createHmac('sha256', secretKey).update(signed).digest('base64'),
  }
  return deflateSync(JSON.stringify(document))
    .toString('base64')
    .replaceAll('+', '*')
    .replaceAll('/', '-')
    .replaceAll('=', '_')
}
