import type { Offset, TimelineId } from '@hongyan/protocol'
import { LIMITS } from '@hongyan/protocol'
import { Outage } from '../kit/outage.ts'
import { entryAs } from '../timelines/entry-audience.ts'
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
 * through; after each part it waits until the socket took it, so that a slow phone with much to catch up is slow and not
 * cut.
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
    const advanced = new Map<Follower, Offset>()
    for (const [follower, cursor] of some) {
      advanced.set(follower, await handOver(follower, session, cursor, pages.get(follower.topic.id) ?? []))
    }
    if ([...some].every(([follower, cursor]) => advanced.get(follower) === cursor && isFollowing(follower))) {
      throw new Outage('the log lacks entries that were announced')
    }
    await session.flushed()
    const rest = [...waiting].slice(TIMELINES_PER_READ)
    waiting = new Map(
      [...advanced, ...rest].filter(([follower, cursor]) => !follower.topic.tryGoLive(follower, cursor)),
    )
  }
}

/** Hands over a page; the offset it got to. Ends where the timeline ceases to be the user's. */
async function handOver(
  follower: Follower,
  session: CatchingUpSession,
  cursor: Offset,
  page: readonly PlacedEntry[],
): Promise<Offset> {
  const { topic } = follower
  let bytes = 0
  for (const { offset, entry } of page) {
    if (!isFollowing(follower)) return follower.sent
    const shown = session.userId === undefined ? undefined : entryAs(entry, session.userId)
    if (shown) {
      const frame = Buffer.from(entryFrame(topic.id, offset, JSON.stringify(shown)))
      session.push(frame)
      bytes += frame.length
    }
    follower.sent = offset
    if (!shown || entry.kind === 'dismissed') {
      session.onRemoved(topic.id)
      return offset
    }
    if (isOwnTimeline(topic.id)) session.onOwnEntry(entry)
    if (bytes < LIMITS.pageBytes) continue
    bytes = 0
    await session.flushed()
  }
  return page.at(-1)?.offset ?? cursor
}

function isFollowing(follower: Follower): boolean {
  return follower.topic.followers.has(follower)
}

function isOwnTimeline(timeline: TimelineId): boolean {
  return timeline.startsWith('u:')
}
