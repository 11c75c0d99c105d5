import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LruMap } from './lru.ts'

test('keeps what was used last', () => {
  const map = new LruMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.get('a')).toBe(1)
  map.set('c', 3)
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3])
})

test('for any run of calls it holds what a list in order of use would hold', () => {
  const key = fc.integer({ min: 0, max: 6 })
  const call = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), key, value: fc.nat() }),
    fc.record({ kind: fc.constant('get' as const), key }),
    fc.record({ kind: fc.constant('delete' as const), key }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(call, { maxLength: 60 }), (capacity, calls) => {
      const map = new LruMap<number, number>(capacity)
      let model: (readonly [number, number])[] = []
      for (const made of calls) {
        const found = model.find(([other]) => other === made.key)
        const rest = model.filter(([other]) => other !== made.key)
        if (made.kind === 'set') {
          map.set(made.key, made.value)
          model = [...rest, [made.key, made.value] as const].slice(-capacity)
        } else if (made.kind === 'get') {
          expect(map.get(made.key)).toBe(found?.[1])
          model = found ? [...rest, found] : rest
        } else {
          map.delete(made.key)
          model = rest
        }
        expect(map.size).toBe(model.length)
      }
    }),
  )
})
