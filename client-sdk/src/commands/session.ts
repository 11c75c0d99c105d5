import type { ReplyOf, RequestOf } from '@hongyan/protocol'
import type { Outcome } from '../core/failure.ts'
import type { Requests } from '../core/requests.ts'

/** Opens the session of this connection; the first answer counts. */
export function openSession(
  requests: Requests,
  body: RequestOf<'session.open'>,
  settle: (outcome: Outcome<ReplyOf<'session.open'>>) => void,
): void {
  requests.ask('session.open', body, settle, { scope: 'once' })
}

/** Frees the instance's place; not waited for longer than a person would. */
export function closeSession(requests: Requests, done: () => void): void {
  requests.ask('session.close', {}, done, { scope: 'once', timeoutMs: 2000 })
}
