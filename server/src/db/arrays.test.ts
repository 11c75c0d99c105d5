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
