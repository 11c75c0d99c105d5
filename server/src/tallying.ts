import { CLOSE, ERRORS, type ErrorName } from '@hongyan/protocol'
import type { Metrics } from './metrics/metrics.ts'
import type { Commit } from './timelines/group-commit.ts'

// What is counted as it happens; numbers that are read when they are asked for stand in readings.ts.

export function noteCommit(metrics: Metrics, { items, tookMs, isDone, waitedMs }: Commit): void {
  metrics.count('commits', {})
  if (!isDone) metrics.count('commitsFailed', {})
  metrics.observe('commitMessages', items)
  metrics.observe('commitSeconds', tookMs / 1000)
  if (waitedMs.length > 0) metrics.count('sendsAccepted', {}, waitedMs.length)
  for (const ms of waitedMs) metrics.observe('sendSeconds', ms / 1000)
}

export function noteRefusal(metrics: Metrics, name: ErrorName, command: string): void {
  metrics.count('refused', { name })
  if (command === 'message.send') metrics.count('sendsRefused', { name })
  if (command === 'session.open') metrics.count('loginsRefused', { name })
}

export function noteClosed(metrics: Metrics, name: string): void {
  metrics.count('closed', { name })
  if (name === 'SLOW_CONSUMER') metrics.count('slowConsumers', {})
}

/** A series that is not there before its first event hides that event: what grew from nothing has no rate. */
export function startAtZero(metrics: Metrics): void {
  for (const name of Object.keys(ERRORS)) metrics.count('refused', { name }, 0)
  for (const name of [...Object.keys(CLOSE), 'OTHER']) metrics.count('closed', { name }, 0)
  for (const kind of ['fresh', 'resumed']) metrics.count('logins', { kind }, 0)
  for (const status of ['403', '429', '503']) metrics.count('connectionsRefused', { status }, 0)
}
