import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SmallSet } from './small-set.ts'

test('is a Set, whatever is done to it', () => {
  const step = fc.tuple(fc.constantFrom('add', 'delete', 'clear'), fc.integer({ min: 0, max: 3 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const [small, plain] = [new SmallSet<number>(), new Set<number>()]
      for (const [what, item] of steps) {
        if (what === 'add') {
          small.add(item)
          plain.add(item)
        } else if (what === 'delete') expect(small.delete(item)).toBe(plain.delete(item))
        else {
          small.clear()
          plain.clear()
        }
        expect([...small]).toEqual([...plain])
        expect([small.size, small.has(0), small.has(1)]).toEqual([plain.size, plain.has(0), plain.has(1)])
      }
    }),
  )
})

test('may lose what it is walked over for', () => {
  for (const count of [1, 2, 5]) {
    const set = new SmallSet<number>()
    for (let item = 0; item < count; item++) set.add(item)
    const seen: number[] = []
    for (const item of set) {
      seen.push(item)
      set.delete(item)
    }
    expect(seen).toHaveLength(count)
    expect(set.size).toBe(0)
  }
})
