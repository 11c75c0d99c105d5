import type { ConversationId, Seq } from '@hongyan/protocol'

/** What of a conversation is to be looked through: from `upTo` down to, and without, `after`. */
export interface Extent {
  readonly timelineKey: number
  readonly conversationId: ConversationId
  readonly after: Seq
  readonly upTo: Seq
  /** When its newest message within was said. */
  readonly lastAtMs: number
}

/**
 * Where a walk is: in this round at this conversation. A round takes a slice of each conversation, those first in which
 * something was said last; the next round takes the slice below. So what is new is found first, whichever conversation it
 * is in, and one that is endless keeps no other waiting.
 */
export interface Place {
  readonly round: number
  readonly lastAtMs: number
  readonly timelineKey: number
}

export interface Slice {
  readonly extent: Extent
  readonly place: Place
  readonly after: Seq
  readonly upTo: Seq
}

export interface Walk {
  readonly slices: readonly Slice[]
  /** Where it goes on; undefined when everything was walked. */
  readonly next: Place | undefined
}

/** Messages of one conversation in one round. */
export const SLICE_MESSAGES = 2_000

/** The slices from a place on that hold `budget` messages in all at most, and one slice at least. */
export function planWalk(extents: readonly Extent[], from: Place | undefined, budget: number): Walk {
  const slices: Slice[] = []
  let left = budget
  let active = [...extents].sort(byRecency)
  for (let round = from?.round ?? 0; active.length > 0; round++) {
    active = active.filter(({ after, upTo }) => upTo - round * SLICE_MESSAGES > after)
    for (const extent of active) {
      const place = { round, lastAtMs: extent.lastAtMs, timelineKey: extent.timelineKey }
      if (from?.round === round && byRecency(extent, from) < 0) continue
      const upTo = extent.upTo - round * SLICE_MESSAGES
      const after = Math.max(extent.after, upTo - SLICE_MESSAGES)
      if (upTo - after > left && slices.length > 0) return { slices, next: place }
      slices.push({ extent, place, after, upTo })
      left -= upTo - after
    }
  }
  return { slices, next: undefined }
}

/** What was found in one slice; `messages` only where it is one, or all are wanted. */
export interface SliceHits<Row> {
  readonly count: number
  readonly messages: readonly Row[]
}

export interface ConversationHits<Row> {
  readonly conversationId: ConversationId
  readonly count: number
  readonly messages: readonly Row[]
}

export interface HitsPage<Row> {
  readonly results: readonly ConversationHits<Row>[]
  readonly next: Place | undefined
  /** Conversations with hits in the whole walk, those for which there was no room among them. */
  readonly conversations: number
}

/** The first `limit` conversations with hits, and where the following page begins. `hits` are by the slice's place in the walk. */
export function pageOf<Row>(
  { slices, next }: Walk,
  hits: ReadonlyMap<number, SliceHits<Row>>,
  limit: number,
): HitsPage<Row> {
  const results = new Map<number, ConversationHits<Row>>()
  const all = new Set<number>()
  let goesOn = next
  let isFull = false
  for (const [index, { extent, place }] of slices.entries()) {
    const found = hits.get(index)
    if (!found) continue
    all.add(extent.timelineKey)
    const before = results.get(extent.timelineKey)
    if (!isFull && before === undefined && results.size === limit) {
      isFull = true
      goesOn = place
    }
    // What comes after the place where the next page begins is found there.
    if (isFull) continue
    const count = (before?.count ?? 0) + found.count
    const { conversationId } = extent
    results.set(extent.timelineKey, { conversationId, count, messages: count === 1 ? found.messages : [] })
  }
  return { results: [...results.values()], next: goesOn, conversations: all.size }
}

/** Those first in which something was said last; between equals the younger one. */
function byRecency(a: Omit<Place, 'round'>, b: Omit<Place, 'round'>): number {
  return b.lastAtMs - a.lastAtMs || b.timelineKey - a.timelineKey
}
