import type { ConversationId } from '@hongyan/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pageOf, planWalk, SLICE_MESSAGES, type Extent, type Place, type SliceHits } from './walk-rules.ts'

const extent = (key: number, after: number, upTo: number, lastAtMs = key): Extent => ({
  ...{ timelineKey: key, conversationId: `group:${key}` as ConversationId, after, upTo, lastAtMs },
})

const shortOf = ({ slices }: ReturnType<typeof planWalk>) =>
  slices.map(({ extent: { timelineKey }, place, after, upTo }) => [place.round, timelineKey, after, upTo])

describe('a walk', () => {
  test('takes a slice of each conversation, those first in which something was said last, then the slices below', () => {
    const walk = planWalk([extent(1, 0, 10), extent(2, 500, 4_600), extent(3, 0, 2_000)], undefined, 100_000)
    expect(shortOf(walk)).toEqual([
      [0, 3, 0, 2_000],
      [0, 2, 2_600, 4_600],
      [0, 1, 0, 10],
      [1, 2, 600, 2_600],
      [2, 2, 500, 600],
    ])
    expect(walk.next).toBeUndefined()
  })

  test('ends where its budget ends, and goes on there', () => {
    const extents = [extent(1, 0, 1_500), extent(2, 0, 4_500), extent(3, 0, 100)]
    const first = planWalk(extents, undefined, 2_000)
    expect(shortOf(first)).toEqual([[0, 3, 0, 100]])
    expect(first.next).toEqual({ round: 0, lastAtMs: 2, timelineKey: 2 })
    expect(shortOf(planWalk(extents, first.next, 2_000))).toEqual([[0, 2, 2_500, 4_500]])
  })

  test('goes on, a slice at least, however small the budget', () => {
    expect(shortOf(planWalk([extent(1, 0, 2_000)], undefined, 1))).toEqual([[0, 1, 0, 2_000]])
    expect(planWalk([], undefined, 1)).toEqual({ slices: [], next: undefined })
    expect(planWalk([extent(1, 5, 5)], undefined, 1)).toEqual({ slices: [], next: undefined })
  })

  test('from a place that nobody gave ends', () => {
    const place: Place = { round: Number.MAX_SAFE_INTEGER, lastAtMs: 0, timelineKey: 0 }
    expect(planWalk([extent(1, 0, 2_000)], place, 100)).toEqual({ slices: [], next: undefined })
  })

  test('[FIND-2] meets every message once, whatever the budget and the pages', () => {
    const sizes = fc.array(fc.tuple(fc.nat(3_000), fc.integer({ min: 0, max: 7_000 }), fc.nat(5)), { maxLength: 8 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 9_000 }), fc.integer({ min: 1, max: 3 }), (all, budget, limit) => {
        const extents = all.map(([after, size, lastAtMs], index) => extent(index + 1, after, after + size, lastAtMs))
        const met = new Map(extents.map(({ timelineKey }) => [timelineKey, 0]))
        let from: Place | undefined
        for (let pages = 0; pages === 0 || from !== undefined; pages++) {
          expect(pages).toBeLessThan(200)
          const walk = planWalk(extents, from, budget)
          expect(walk.slices.length <= 1 || sizeOf(walk.slices) <= budget).toBe(true)
          // Everything is a hit.
          const hits = new Map(
            walk.slices.map(({ after, upTo }, index) => [index, { count: upTo - after, messages: [] }]),
          )
          const page = pageOf(walk, hits, limit)
          expect(page.results.length).toBeLessThanOrEqual(limit)
          for (const { conversationId, count } of page.results) {
            const key = Number(conversationId.slice('group:'.length))
            met.set(key, (met.get(key) ?? 0) + count)
          }
          from = page.next
        }
        expect([...met]).toEqual(extents.map(({ timelineKey, after, upTo }) => [timelineKey, upTo - after]))
      }),
    )
  })
})

function sizeOf(slices: ReturnType<typeof planWalk>['slices']): number {
  return slices.reduce((sum, { after, upTo }) => sum + upTo - after, 0)
}

describe('a page', () => {
  const walk = planWalk([extent(1, 0, 10), extent(2, 0, 10), extent(3, 0, SLICE_MESSAGES + 10)], undefined, 100_000)
  const hits = (...counts: readonly (readonly [number, number])[]): Map<number, SliceHits<string>> =>
    new Map(counts.map(([slice, count]) => [slice, { count, messages: count === 1 ? [`of ${slice}`] : [] }]))

  test('adds up the slices of a conversation, and shows the message where it is one', () => {
    expect(pageOf(walk, hits([0, 1], [1, 1], [3, 1]), 20)).toEqual({
      results: [
        { conversationId: 'group:3', count: 2, messages: [] },
        { conversationId: 'group:2', count: 1, messages: ['of 1'] },
      ],
      next: undefined,
      conversations: 2,
    })
  })

  test('is full at its limit: what comes after the place where the next begins is found there', () => {
    const page = pageOf(walk, hits([0, 1], [1, 1], [2, 1], [3, 5]), 2)
    expect(page.results.map(({ conversationId, count }) => [conversationId, count])).toEqual([
      ['group:3', 1],
      ['group:2', 1],
    ])
    expect(page.next).toEqual({ round: 0, lastAtMs: 1, timelineKey: 1 })
    expect(page.conversations).toBe(3)
  })
})
