import { userTimeline, type TimelineId, type UserId } from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { systemClock } from '../kit/clock.ts'
import { coalescedLogReader } from './coalesced-log-reader.ts'
import type { LogReader } from './log-reader.ts'
import type { Cursor, PlacedEntry } from './timeline-reader.ts'

const A = userTimeline('a' as UserId)
const B = userTimeline('b' as UserId)

/** A log of which every timeline has ten entries; it notes what it was asked. */
function makeLog() {
  const asked: string[] = []
  const entry = (offset: number): PlacedEntry => ({ offset, entry: { kind: 'skipped', seq: 0 } as never })
  const log: LogReader = {
    entriesAfter: async (cursors, limit) => {
      asked.push(cursors.map(({ timeline, after }) => `${timeline}>${after}`).join(' '))
      const page = (after: number) =>
        Array.from({ length: Math.min(limit, 10 - after) }, (_, index) => entry(after + 1 + index))
      return new Map(cursors.map(({ timeline, after }) => [timeline, page(after)]))
    },
    heads: async (ids) => {
      asked.push(`heads ${ids.join(' ')}`)
      return ids.filter((id) => id !== B).map((id) => ({ id, key: 1, lastOffset: 10 }))
    },
    movedHeads: async () => [],
    epoch: async () => {
      asked.push('epoch')
      return 'E'
    },
  }
  return { log: coalescedLogReader(log, systemClock), asked }
}

const after = (timeline: TimelineId, offset: number): Cursor => ({ timeline, after: offset })
const offsets = (pages: ReadonlyMap<TimelineId, readonly PlacedEntry[]>, id: TimelineId) =>
  pages.get(id)?.map(({ offset }) => offset)

test('sessions that ask at the same time share their queries, and each gets its own', async () => {
  const { log, asked } = makeLog()
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => log.heads(n % 2 ? [A] : [A, B])))
  expect(answers.every((heads) => heads.length === 1 && heads[0]?.id === A)).toBe(true)
  expect(asked.length).toBeLessThanOrEqual(3)
  expect(await Promise.all(Array.from({ length: 100 }, () => log.epoch()))).toEqual(Array(100).fill('E'))
  expect(asked.filter((what) => what === 'epoch').length).toBeLessThanOrEqual(3)
})

test('who stands at the same place is read the same page once; who stands elsewhere gets his own', async () => {
  const { log, asked } = makeLog()
  const stands = [8, 8, 8, 9, 7, 8, 9]
  const pages = await Promise.all(stands.map((at) => log.entriesAfter([after(A, at), after(B, 10)], 100)))
  expect(pages.map((page) => offsets(page, A))).toEqual(stands.map((at) => [8, 9, 10].filter((offset) => offset > at)))
  expect(pages.every((page) => page.get(B)?.length === 0)).toBe(true)
  // One alone, and three places of one timeline in turn.
  expect(asked).toHaveLength(4)
})

test('pages of different lengths are not mixed up', async () => {
  const { log } = makeLog()
  const [short, long] = await Promise.all([log.entriesAfter([after(A, 0)], 2), log.entriesAfter([after(A, 0)], 50)])
  expect([offsets(short, A)?.length, offsets(long, A)?.length]).toEqual([2, 10])
})
