import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unreadOf, type UnreadBase } from './unread.ts'

interface Said {
  readonly isOwn: boolean
  readonly counts: boolean
  readonly isTakenBack: boolean
}

const said: fc.Arbitrary<Said> = fc.record({ isOwn: fc.boolean(), counts: fc.boolean(), isTakenBack: fc.boolean() })

function upTo(messages: readonly Said[], seq: number): UnreadBase {
  const before = messages.slice(0, seq).filter((message) => message.counts)
  return { seq, countable: before.length, own: before.filter((message) => message.isOwn).length }
}

describe('the unread number', () => {
  test('is 0 where nothing was said', () => {
    expect(unreadOf({ countable: 0, own: 0, base: { seq: 0, countable: 0, own: 0 }, uncounted: [] })).toBe(0)
  })

  test('counts what others said after the base, and neither what I said nor what was taken back', () => {
    expect(unreadOf({ countable: 41, own: 20, base: { seq: 40, countable: 36, own: 18 }, uncounted: [41] })).toBe(2)
  })

  test('is what counting one by one gives, for any history and any base', () => {
    fc.assert(
      fc.property(fc.array(said, { maxLength: 60 }), fc.nat(60), (messages, place) => {
        const base = upTo(messages, Math.min(place, messages.length))
        const waiting = messages.slice(base.seq).filter((message) => message.counts && !message.isOwn)
        const uncounted = messages.flatMap(({ isOwn, counts, isTakenBack }, index) =>
          index >= base.seq && counts && !isOwn && isTakenBack ? [index + 1] : [],
        )
        const now = upTo(messages, messages.length)
        expect(unreadOf({ countable: now.countable, own: now.own, base, uncounted })).toBe(
          waiting.filter((message) => !message.isTakenBack).length,
        )
      }),
    )
  })
})
