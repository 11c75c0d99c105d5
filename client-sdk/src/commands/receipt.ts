import type { ReplyOf, RequestOf } from '@hongyan/protocol'
import type { Outcome } from '../core/failure.ts'
import type { Requests } from '../core/requests.ts'

/** "I have read up to here." */
export function read(
  requests: Requests,
  body: RequestOf<'receipt.read'>,
  settle: (outcome: Outcome<ReplyOf<'receipt.read'>>) => void,
): void {
  requests.ask('receipt.read', body, settle, { isOfEpoch: true })
}
