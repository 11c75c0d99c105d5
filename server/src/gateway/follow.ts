import type { Offset, TimelineId } from '@hongyan/protocol'
import { LIMITS } from '@hongyan/protocol'
import { Outage } from '../kit/outage.ts'
import { entryFrame } from '../timelines/payload.ts'
import type { LogReader } from '../timelines/log-reader.ts'
import type { PlacedEntry } from '../timelines/timeline-reader.ts'
import type { Follower, FollowingSession } from './topic.ts'

/** A session that can be caught up: it also says when its connection has taken what it was handed. */
export interface CatchingUpSession extends FollowingSession {
  /** Resolves when little is queued for the connection; rejects when it is closed. */
  flushed(): Promise<void>
}

const TIMELINES_PER_READ = 50

/**
 * Brings held followers from their cursors to now: whoever is level becomes live, for the others the next entries are
 * read and handed over, until all are live. Between the check and going live nothing is awaited, so nothing slips
 * through; each page waits until the socket took it, so that a slow phone with much to catch up is slow and not cut.
 */
export async function catchUp(
  session: CatchingUpSession,
  cursors: ReadonlyMap<Follower, Offset>,
  log: LogReader,
): Promise<void> {
  if (cursors.size === 0) return
  // The broker tells of what comes; what lies between a cursor and the head already, only the log knows.
  const heads = new Map(
    (await log.heads([...cursors.keys()].map(({ topic }) => topic.id))).map((head) => [head.id, head]),
  )
  for (const { topic } of cursors.keys()) topic.hearOf(heads.get(topic.id)?.lastOffset ?? 0)
  let waiting = new Map([...cursors].filter(([follower, cursor]) => !follower.topic.tryGoLive(follower, cursor)))
  while (waiting.size > 0) {
    const some = new Map([...waiting].slice(0, TIMELINES_PER_READ))
    const pages = await log.entriesAfter(
      [...some].map(([follower, after]) => ({ timeline: follower.topic.id, after })),
      LIMITS.entriesPerPage,
    )
    const rest = [...waiting].slice(TIMELINES_PER_READ)
    const advanced = [...some].map(([follower, cursor]) =>
      handOver(follower, cursor, pages.get(follower.topic.id) ?? []),
    )
    if (advanced.every(({ isStuck }) => isStuck)) throw new Outage('the log lacks entries that were announced')
    await session.flushed()
    waiting = new Map(
      [...advanced.map(({ follower, cursor }) => [follower, cursor] as const), ...rest].filter(
        ([follower, cursor]) => !follower.topic.tryGoLive(follower, cursor),
      ),
    )
  }
}

function handOver(
  follower: Follower,
  cursor: Offset,
  page: readonly PlacedEntry[],
): { readonly follower: Follower; readonly cursor: Offset; readonly isStuck: boolean } {
  const { topic, session } = follower
  for (const { offset, entry } of page) {
    session.push(Buffer.from(entryFrame(topic.id, offset, JSON.stringify(entry))))
    follower.sent = offset
    if (isOwnTimeline(topic.id)) session.onOwnEntry(entry)
  }
  return { follower, cursor: page.at(-1)?.offset ?? cursor, isStuck: page.length === 0 }
}

function isOwnTimeline(timeline: TimelineId): boolean {
  return timeline.startsWith('u:')
}
