import type { Offset, TimelineId } from '@hongyan/protocol'
import { LIMITS } from '@hongyan/protocol'
import { Outage } from '../kit/outage.ts'
import { entryAs } from '../timelines/entry-audience.ts'
import { entryFrame, entryOf } from '../timelines/payload.ts'
import type { LogReader } from '../timelines/log-reader.ts'
import type { PlacedEntry } from '../timelines/timeline-reader.ts'
import type { Follower, FollowingSession } from './topic.ts'

/** A session that can be caught up: it also says when its connection has taken what it was handed. */
export interface CatchingUpSession extends FollowingSession {
  /** Resolves when little is queued for the connection; rejects when it is closed. */
  flushed(): Promise<void>
  /** A timeline could not be brought to now; the session must end. */
  failToFollow(err: unknown): void
}

const TIMELINES_PER_READ = 50
const NOTHING_KNOWN: ReadonlyMap<TimelineId, Offset> = new Map()

/**
 * Brings held followers from their cursors to now: whoever is level becomes live, for the others the next entries are
 * read and handed over, until all are live. What is committed while they are read comes from what the node has heard of
 * since. Between the check and going live nothing is awaited, so nothing slips through; after each part it waits until
 * the socket took it, so that a slow phone with much to catch up is slow and not cut. `knownHeads` are of the log, read
 * since the followers were held.
 */
export async function catchUp(
  session: CatchingUpSession,
  cursors: ReadonlyMap<Follower, Offset>,
  log: LogReader,
  knownHeads: ReadonlyMap<TimelineId, Offset> = NOTHING_KNOWN,
): Promise<void> {
  if (cursors.size === 0) return
  const arrivals = new Map([...cursors.keys()].map(({ topic }) => [topic.id, topic.arrivals]))
  // The broker tells of what comes; what lies between a cursor and the head already, only the log knows.
  const heads = await headsOf([...arrivals.keys()], knownHeads, log)
  const beginOf = ({ topic }: Follower): Beginning => {
    return { head: heads.get(topic.id) ?? 0, arrivals: arrivals.get(topic.id) ?? 0 }
  }
  for (const follower of cursors.keys()) follower.topic.hearOf(beginOf(follower).head)
  let waiting = stillWaiting(session, cursors, beginOf)
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
    waiting = stillWaiting(session, [...advanced, ...rest], beginOf)
  }
}

async function headsOf(
  timelines: readonly TimelineId[],
  known: ReadonlyMap<TimelineId, Offset>,
  log: LogReader,
): Promise<ReadonlyMap<TimelineId, Offset>> {
  const unknown = timelines.filter((timeline) => !known.has(timeline))
  if (unknown.length === 0) return known
  const read = await log.heads(unknown)
  return new Map([...known, ...read.map(({ id, lastOffset }) => [id, lastOffset] as const)])
}

/** How a timeline was when a session began to catch up with it. */
interface Beginning {
  /** The last offset that the log had, or had had since the timeline was held. */
  readonly head: Offset
  readonly arrivals: number
}

/** Makes live who is level with what is known, and says where the others stand. */
function stillWaiting(
  session: CatchingUpSession,
  cursors: Iterable<readonly [Follower, Offset]>,
  beginOf: (follower: Follower) => Beginning,
): Map<Follower, Offset> {
  const waiting = new Map<Follower, Offset>()
  for (const [follower, cursor] of cursors) {
    const reached = handOverHeard(follower, session, cursor, beginOf(follower))
    if (!follower.topic.tryGoLive(follower, reached)) waiting.set(follower, reached)
  }
  return waiting
}

/**
 * Hands over what the node has heard and kept behind this cursor; the offset it got to. Only what is younger than the
 * session: what the log had then may have been revoked since it was heard (I6), and what was heard before may be of a store
 * that has been put back since (I12).
 */
function handOverHeard(
  follower: Follower,
  session: CatchingUpSession,
  cursor: Offset,
  { head, arrivals }: Beginning,
): Offset {
  const { topic } = follower
  if (cursor < head) return cursor
  for (let reached = cursor; ; reached++) {
    const heard = topic.heardAt(reached + 1, arrivals)
    if (!heard || !isFollowing(follower)) return reached
    if (handOne(follower, session, { offset: reached + 1, entry: entryOf(heard.frame) }) === undefined)
      return reached + 1
  }
}

/** Hands over a page; the offset it got to. Ends where the timeline ceases to be the user's. */
async function handOver(
  follower: Follower,
  session: CatchingUpSession,
  cursor: Offset,
  page: readonly PlacedEntry[],
): Promise<Offset> {
  let bytes = 0
  for (const placed of page) {
    if (!isFollowing(follower)) return follower.sent
    const handed = handOne(follower, session, placed)
    if (handed === undefined) return placed.offset
    bytes += handed
    if (bytes < LIMITS.pageBytes) continue
    bytes = 0
    await session.flushed()
  }
  return page.at(-1)?.offset ?? cursor
}

/** Hands over one entry as this user may see it: its bytes; undefined where the timeline ceases to be the user's with it. */
function handOne(follower: Follower, session: CatchingUpSession, placed: PlacedEntry): number | undefined {
  const { offset, entry } = placed
  const { topic } = follower
  const shown = session.userId === undefined ? undefined : entryAs(entry, session.userId)
  const frame = shown && Buffer.from(entryFrame(topic.id, offset, JSON.stringify(shown)))
  if (frame) session.push(frame)
  follower.sent = offset
  if (!frame || entry.kind === 'dismissed') {
    session.onRemoved(topic.id)
    return undefined
  }
  if (isOwnTimeline(topic.id)) session.onOwnEntry(entry)
  return frame.length
}

function isFollowing(follower: Follower): boolean {
  return follower.topic.followers.has(follower)
}

function isOwnTimeline(timeline: TimelineId): boolean {
  return timeline.startsWith('u:')
}
