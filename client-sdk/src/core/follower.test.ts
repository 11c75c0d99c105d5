import type { Entry, Offset, ReplyOf, TimelineId } from '@hongyan/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom, VirtualClock } from '../../test/virtual-clock.ts'
import type { Outcome } from './failure.ts'
import { Follower } from './follower.ts'

const timeline = 'c:x' as TimelineId
const entryAt = (offset: number): Entry => ({ kind: 'pinned', conversationId: 'x' as never, pinnedAtMs: offset })

/** A follower at a source that has `length` entries and answers pulls as `answers` says. */
function make(seed: number, length: number, answers: readonly ('page' | 'fail' | 'never')[]) {
  const clock = new VirtualClock()
  const random = seededRandom(seed)
  const applied: Offset[] = []
  let cursor = 0
  let pulls = 0
  let pending = 0
  let mostPending = 0
  const follower: Follower = new Follower({
    clock,
    random,
    cursorOf: () => cursor,
    isUnplaced: () => false,
    apply: (_, entries) => {
      for (const { offset } of entries) {
        expect(offset).toBe(cursor + 1)
        cursor = offset
        applied.push(offset)
      }
    },
    pull: (_, after, settle: (outcome: Outcome<ReplyOf<'sync.pull'>>) => void) => {
      const answer = answers[pulls++ % answers.length] ?? 'page'
      mostPending = Math.max(mostPending, ++pending)
      clock.after(answer === 'never' ? 5000 : 20, () => {
        pending--
        if (answer !== 'page') return settle({ ok: false, failure: 'TIMEOUT', isFinal: false })
        const size = 1 + Math.floor(random() * 5)
        const offsets = Array.from({ length: Math.min(size, length - after) }, (_unused, index) => after + index + 1)
        const entries = offsets.map((offset) => ({ offset, entry: entryAt(offset) }))
        settle({ ok: true, body: { entries, more: after + size < length } })
      })
    },
    reset: (_, done) => {
      clock.after(20, () => {
        cursor = length
        done()
      })
    },
    gone: () => undefined,
  })
  return { clock, follower, applied, cursor: () => cursor, pulls: () => pulls, mostPending: () => mostPending }
}

test('[PUSH-2] [PUSH-3] whatever is lost, doubled or late, each entry is applied at most once and in order, to the end', async () => {
  const answers = fc.array(fc.constantFrom('page' as const, 'page' as const, 'fail' as const, 'never' as const), {
    minLength: 1,
  })
  const arrivals = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 80, size: 'max' })
  await fc.assert(
    fc.asyncProperty(fc.nat(), arrivals, answers, async (seed, offsets, script) => {
      const { clock, follower, applied, cursor, mostPending } = make(seed, 40, script)
      for (const offset of offsets) {
        follower.offer(timeline, offset, entryAt(offset))
        await clock.pass(offset % 7)
      }
      await clock.pass(200_000)
      expect(cursor()).toBeGreaterThanOrEqual(Math.max(0, ...offsets))
      expect(applied).toEqual([...new Set(applied)].sort((a, b) => a - b))
      expect(mostPending()).toBeLessThanOrEqual(1)
      expect(clock.pending).toBe(0)
    }),
    { numRuns: 200 },
  )
})

test('a held timeline applies nothing, and everything in order when it is released', async () => {
  const { clock, follower, applied, pulls } = make(1, 5, ['page'])
  follower.hold(timeline)
  follower.hold(timeline)
  for (const offset of [2, 1, 3, 3]) follower.offer(timeline, offset, entryAt(offset))
  follower.release(timeline)
  await clock.pass(100)
  expect(applied).toEqual([])
  follower.release(timeline)
  expect(applied).toEqual([1, 2, 3])
  expect(pulls()).toBe(0)
})

test('what is forgotten with its connection does not come back', async () => {
  const { clock, follower, applied } = make(1, 5, ['page'])
  follower.offer(timeline, 3, entryAt(3))
  follower.forget()
  await clock.pass(1000)
  expect(applied).toEqual([])
  follower.offer(timeline, 1, entryAt(1))
  expect(applied).toEqual([1])
})

test('no more than a bound is kept beyond a gap', () => {
  const { follower } = make(1, 100_000, ['never'])
  for (let offset = 2; offset < 5000; offset++) follower.offer(timeline, offset, entryAt(offset))
  const lanes = (follower as unknown as { lanes: Map<TimelineId, { held: Map<number, Entry> }> }).lanes
  expect(lanes.get(timeline)?.held.size).toBe(256)
})

test('what is left while an entry is applied is neither pulled nor put on again', async () => {
  const clock = new VirtualClock()
  let cursor = 0
  const pulls: Offset[] = []
  const follower: Follower = new Follower({
    clock,
    random: () => 0.5,
    cursorOf: () => cursor,
    isUnplaced: () => false,
    apply: (_, entries) => {
      for (const { offset } of entries) cursor = offset
      if (cursor < 3) return
      // The last entry says that the conversation is the user's no longer: what is known of it goes.
      cursor = 0
      follower.leave(timeline)
    },
    pull: (_, after, settle) => {
      pulls.push(after)
      const entries = [1, 2, 3].map((offset) => ({ offset, entry: entryAt(offset) }))
      clock.after(20, () => settle({ ok: true, body: { entries, more: false } }))
    },
    reset: () => undefined,
    gone: () => undefined,
  })
  follower.offer(timeline, 2, entryAt(2))
  follower.offer(timeline, 3, entryAt(3))
  await clock.pass(60_000)
  expect(pulls).toEqual([0])
  expect(clock.pending).toBe(0)
  // The same with nothing to repair: the lane waits for what is before it, then drains to its end.
  follower.hold(timeline)
  for (const offset of [1, 2, 3, 4]) follower.offer(timeline, offset, entryAt(offset))
  follower.release(timeline)
  await clock.pass(60_000)
  expect(pulls).toEqual([0])
})
