import type { TimelineId } from '@hongyan/protocol'
import type { Clock } from '../kit/clock.ts'
import { Coalescer } from '../kit/coalescer.ts'
import type { LogReader } from './log-reader.ts'
import type { Cursor, PlacedEntry, TimelineHead } from './timeline-reader.ts'

const MAX_HEADS = 10_000
const MAX_CURSORS = 50

/**
 * The log for many sessions that come back at the same time: what they ask at the same time is asked once, and sessions
 * that stand at the same place of a timeline are read the same entries once.
 */
export function coalescedLogReader(log: LogReader, clock: Clock): LogReader {
  const heads = new Coalescer<TimelineId, TimelineHead>({
    idOf: (id) => id,
    maxKeys: MAX_HEADS,
    clock,
    ask: async (ids) => new Map((await log.heads(ids)).map((head) => [head.id, head])),
  })
  const epochs = new Coalescer<'epoch', string>({
    idOf: (key) => key,
    maxKeys: MAX_HEADS,
    clock,
    ask: async () => new Map([['epoch', await log.epoch()]]),
  })
  const pages = new Map<number, Coalescer<Cursor, readonly PlacedEntry[]>>()
  const pagesOf = (limit: number): Coalescer<Cursor, readonly PlacedEntry[]> => {
    const known = pages.get(limit)
    if (known) return known
    const made = new Coalescer<Cursor, readonly PlacedEntry[]>({
      idOf: cursorId,
      maxKeys: MAX_CURSORS,
      clock,
      ask: (cursors) => readInRounds(log, cursors, limit),
    })
    pages.set(limit, made)
    return made
  }
  return {
    entriesAfter: async (cursors, limit) => {
      const found = await pagesOf(limit).find(cursors)
      return new Map(cursors.map((cursor) => [cursor.timeline, found.get(cursorId(cursor)) ?? []]))
    },
    heads: async (ids) => {
      const found = await heads.find(ids)
      return ids.flatMap((id) => found.get(id) ?? [])
    },
    movedHeads: (lookbackMs) => log.movedHeads(lookbackMs),
    epoch: async () => {
      const epoch = await epochs.one('epoch')
      if (epoch === undefined) throw new Error('the store has no epoch')
      return epoch
    },
  }
}

function cursorId({ timeline, after }: Cursor): string {
  return `${after} ${timeline}`
}

/** One answer has room for one cursor of a timeline: sessions that stand at different places of it are read for in turn. */
async function readInRounds(
  log: LogReader,
  cursors: readonly Cursor[],
  limit: number,
): Promise<ReadonlyMap<string, readonly PlacedEntry[]>> {
  const answers = new Map<string, readonly PlacedEntry[]>()
  for (let rest = cursors; rest.length > 0;) {
    const round = new Map<TimelineId, Cursor>()
    for (const cursor of rest) if (!round.has(cursor.timeline)) round.set(cursor.timeline, cursor)
    const some = [...round.values()]
    const pages = await log.entriesAfter(some, limit)
    for (const cursor of some) answers.set(cursorId(cursor), pages.get(cursor.timeline) ?? [])
    rest = rest.filter((cursor) => round.get(cursor.timeline) !== cursor)
  }
  return answers
}
