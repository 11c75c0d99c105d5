import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberArray, textArray } from './arrays.ts'

test('numbers stand as they are, and null stands for itself', () => {
  expect(numberArray([1, -2, null, 9007199254740991])).toBe('{1,-2,NULL,9007199254740991}')
  expect(numberArray([])).toBe('{}')
})

test('texts are quoted, so that no text can become two, or NULL', () => {
  expect(textArray(['a', 'NULL', null, '', 'a,b', '{}', 'say "hi"', 'back\\slash'])).toBe(
    '{"a","NULL",NULL,"","a,b","{}","say \\"hi\\"","back\\\\slash"}',
  )
  expect(textArray([])).toBe('{}')
})

test('whatever the texts are, PostgreSQL reads the same ones', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', '\\', ',', '{', '}', '\n', '\u2028', '鸿', '🪿', 'n', 'u') }),
    fc.json(),
  )
  const property = fc.property(fc.array(fc.option(text)), (texts) => {
    expect(readArray(textArray(texts))).toEqual(texts)
  })
  fc.assert(property, { numRuns: 2_000 })
})

/** PostgreSQL's rules for reading an array of texts: in quotes, a backslash stands for what comes after it. */
function readArray(literal: string): readonly (string | null)[] {
  const elements = literal.slice(1, -1).match(/"(?:\\[^]|[^"\\])*"|NULL/g) ?? []
  return elements.map((element) => (element === 'NULL' ? null : element.slice(1, -1).replace(/\\([^])/g, '$1')))
}
