import { Refused } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { cursorOf, jsonPatternsOf, numbersOf, patternsOf } from './keyword-rules.ts'

describe('a pattern', () => {
  test('finds its keyword anywhere, and takes what is special for what it is', () => {
    expect(patternsOf(['语文', '100%', 'a_b', 'c\\d', ''])).toEqual(['%语文%', '%100\\%%', '%a\\_b%', '%c\\\\d%', '%%'])
  })

  test('for JSON finds it as JSON writes it', () => {
    expect(jsonPatternsOf(['说"好"', 'a\\b', 'x\ny', '\u0007'])).toEqual([
      ...['%说\\\\"好\\\\"%', '%a\\\\\\\\b%', '%x\\\\ny%', '%\\\\u0007%'],
    ])
  })
})

describe('a cursor', () => {
  test('gives back the numbers it was made of', () => {
    expect(numbersOf(cursorOf('a', 0, 1_700_000_000_000, 9_007_199_254_740_991), 'a', 3)).toEqual([
      ...[0, 1_700_000_000_000, 9_007_199_254_740_991],
    ])
    expect(numbersOf(undefined, 'a', 3)).toBeUndefined()
  })

  test.each([
    '',
    'a',
    'a.1',
    'a.1.2.3',
    'b.1.2',
    'a.1.x',
    'a.1.-2',
    'a.1.2.5',
    'a.1. 2',
    'a.1.9007199254740993',
    'a..1',
  ])('%j is none of two numbers', (cursor) => {
    expect(() => numbersOf(cursor, 'a', 2)).toThrow(new Refused('BAD_REQUEST'))
  })
})
