import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStrictObject } from './strict-json.ts'

test('an object is parsed to its entries', () => {
  expect(parseStrictObject('{"a":1,"b":"x","c":{"a":[{"a":1},{"a":2}]}}')).toEqual(
    new Map<string, unknown>([
      ['a', 1],
      ['b', 'x'],
      ['c', { a: [{ a: 1 }, { a: 2 }] }],
    ]),
  )
  expect(parseStrictObject('{"__proto__":1}')?.get('__proto__')).toBe(1)
})

test.each(['', 'null', '[]', '1', '"x"', '{', '{"a":1}x', "{'a':1}", '{"a":NaN}', '\ufeff{}'])(
  '%s is not an object',
  (text) => {
    expect(parseStrictObject(text)).toBeUndefined()
  },
)

test.each([
  '{"a":1,"a":1}',
  '{"a":1,"b":2,"a":3}',
  '{"a":1,"\\u0061":1}',
  '{"x":{"a":1,"a":2}}',
  '{"x":[{"a":1,"a":2}]}',
  '{"a":{},"a" : 1}',
  '{"__proto__":1,"__proto__":2}',
  '{"\\"":1,"\\u0022":2}',
])('%s names a key twice', (text) => {
  expect(parseStrictObject(text)).toBeUndefined()
})

test('whatever JSON.stringify writes is parsed back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object)
      expect(parseStrictObject(text)).toEqual(new Map(Object.entries(JSON.parse(text) as object)))
    }),
  )
})
