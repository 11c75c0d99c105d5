import { expect, test } from 'vitest'
import { systemRandom } from './random.ts'

test('an id is 22 characters that may stand anywhere, and is never the same', () => {
  const ids = Array.from({ length: 1000 }, () => systemRandom.id())
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/)
  expect(new Set(ids).size).toBe(1000)
})
