import { LIMITS } from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { RecentFrames } from './recent-frames.ts'

const heard = (chars: number) => ({ frame: 'x'.repeat(chars), isParticular: false })

test('keeps the last entries, as many as it may, and tells of what came since when', () => {
  const recent = new RecentFrames()
  for (let offset = 1; offset <= LIMITS.recentEntries + 1; offset++) recent.add(offset, heard(offset), offset)
  expect(recent.get(1, 0)).toBeUndefined()
  expect(recent.get(2, 0)).toEqual(heard(2))
  expect(recent.get(2, 2)).toBeUndefined()
  expect(recent.get(LIMITS.recentEntries + 1, 0)).toBeDefined()
  // Of a store that was put back the same offset may come again, with something else.
  recent.add(2, heard(9), 1_000)
  expect(recent.get(2, 999)).toEqual(heard(9))
})

test('keeps no more characters than it may, and nothing that is longer than that', () => {
  const recent = new RecentFrames()
  const half = LIMITS.recentChars / 2
  for (const offset of [1, 2, 3]) recent.add(offset, heard(half), offset)
  expect([1, 2, 3].map((offset) => recent.get(offset, 0) !== undefined)).toEqual([false, true, true])
  recent.add(4, heard(LIMITS.recentChars + 1), 4)
  expect([2, 3, 4].map((offset) => recent.get(offset, 0))).toEqual([undefined, undefined, undefined])
})
