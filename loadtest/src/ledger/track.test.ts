import { describe, expect, test } from 'vitest'
import type { Push } from '../wire/push-frame.ts'
import { Track } from './track.ts'

function followed(from: number): Track {
  const track = new Track()
  track.begin()
  track.place(from)
  return track
}

function pushAt(offset: number): Push {
  return { isNumbered: true, timeline: 'c:x', offset, kind: 'message', seq: 0, mark: undefined, entry: () => ({}) }
}

describe('[PUSH-1] what a connection brings', () => {
  test('in order is next', () => {
    const track = followed(5)
    expect(track.meet(6)).toBe('next')
    track.cursor = 6
    expect(track.meet(7)).toBe('next')
  })

  test('twice is doubled', () => {
    const track = followed(5)
    track.meet(6)
    track.cursor = 6
    expect(track.meet(6)).toBe('doubled')
    expect(track.meet(5)).toBe('doubled')
  })

  test('in another order is reordered, not a gap and not doubled', () => {
    const track = followed(5)
    expect(track.meet(7)).toBe('gap')
    expect(track.missing).toBe(1)
    expect(track.meet(6)).toBe('reordered')
    expect(track.missing).toBe(0)
  })

  test('[PUSH-2] after the client pulled it itself is old, and no fault', () => {
    const track = followed(5)
    track.cursor = 8
    expect(track.meet(6)).toBe('old')
    expect(track.meet(7)).toBe('old')
    expect(track.missing).toBe(0)
  })

  test('on a new connection goes on from the cursor', () => {
    const track = followed(5)
    track.meet(6)
    track.cursor = 6
    track.begin()
    expect(track.meet(7)).toBe('next')
    expect(track.meet(6)).toBe('doubled')
  })
})

test('[PUSH-3] what is beyond a gap waits for its turn', () => {
  const track = followed(5)
  for (const offset of [8, 7]) track.hold(pushAt(offset))
  expect(track.takeHeld()).toBeUndefined()
  track.cursor = 6
  expect(track.takeHeld()?.offset).toBe(7)
  track.cursor = 7
  expect(track.takeHeld()?.offset).toBe(8)
  expect(track.hasHeld).toBe(false)
})

test('what came before the place was known is given back when it is, without what the place contains', () => {
  const track = new Track()
  for (const offset of [3, 4, 5]) track.keepEarly(pushAt(offset))
  expect(track.place(3).map(({ offset }) => offset)).toEqual([4, 5])
})
