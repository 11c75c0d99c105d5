import { expect, test } from 'vitest'
import { bucketOf } from '../kit/bucket.ts'
import { slotOf } from './key-slot.ts'

// As CLUSTER KEYSLOT of Redis 7.0.15 answers.
test.each([
  ['', 0],
  ['123456789', 12_739],
  ['foo', 12_182],
  ['{user1000}.following', 3443],
  ['{user1000}.followers', 3443],
  ['foo{}{bar}', 8363],
  ['foo{{bar}}zap', 4015],
  ['foo{bar}{zap}', 5061],
  ['}{', 12_793],
  ['会话{班}级', 2624],
])('the slot of %s is %i', (key, slot) => {
  expect(slotOf(key)).toBe(slot)
})

test('names are spread over the buckets evenly, and for ever in the same way', () => {
  const counts = Array.from({ length: 64 }, () => 0)
  for (let i = 0; i < 64_000; i += 1) {
    const bucket = bucketOf(`c:conversation-${i}`, counts.length)
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  expect(Math.min(...counts)).toBeGreaterThan(800)
  expect(Math.max(...counts)).toBeLessThan(1_200)
  expect([bucketOf('', 1024), bucketOf('u:alice', 1024), bucketOf('c:会话', 1024)]).toMatchInlineSnapshot(`
    [
      453,
      1014,
      193,
    ]
  `)
})
