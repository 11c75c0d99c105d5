import type { Offset, ReplyOf, TimelineId } from '@hongyan/protocol'
import type { Outcome } from '../core/failure.ts'
import type { Requests } from '../core/requests.ts'

/** The entries after a cursor; belongs to this connection, since the next one's resume brings them anyway. */
export function pull(
  requests: Requests,
  timeline: TimelineId,
  after: Offset,
  settle: (outcome: Outcome<ReplyOf<'sync.pull'>>) => void,
): void {
  requests.ask('sync.pull', { timeline, after }, settle, { scope: 'session', timeoutMs: 5000 })
}
