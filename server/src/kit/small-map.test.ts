import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SmallMap } from './small-map.ts'

test('is a Map, whatever is done to it', () => {
  const step = fc.tuple(fc.constantFrom('set', 'delete'), fc.constantFrom('a', 'b', 'c', 'd'), fc.nat())
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const [small, plain] = [new SmallMap<string, { readonly n: number }>(), new Map<string, { readonly n: number }>()]
      for (const [what, key, n] of steps) {
        if (what === 'set') {
          small.set(key, { n })
          plain.set(key, { n })
        } else {
          small.delete(key)
          plain.delete(key)
        }
        expect(small.keys()).toEqual([...plain.keys()])
        expect(small.values()).toEqual([...plain.values()])
        expect(small.size).toBe(plain.size)
        for (const each of ['a', 'b', 'c', 'd']) {
          expect([small.has(each), small.get(each)]).toEqual([plain.has(each), plain.get(each)])
        }
      }
    }),
  )
})
