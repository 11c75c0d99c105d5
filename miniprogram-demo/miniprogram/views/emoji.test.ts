import { expect, test } from 'vitest'
import { EMOJI, withoutLast, withRecent } from './emoji.ts'

test('every emoji is one character, and there once', () => {
  expect(EMOJI.filter((emoji) => Array.from(emoji).length !== 1)).toEqual([])
  expect(new Set(EMOJI).size).toBe(EMOJI.length)
})

test('erasing takes a whole emoji', () => {
  expect([withoutLast('好😀'), withoutLast('')]).toEqual(['好', ''])
})

test('the latest come first, each once, eight at most', () => {
  expect(withRecent(['a', 'b'], 'b')).toEqual(['b', 'a'])
  expect(withRecent(Array.from('12345678'), '9')).toHaveLength(8)
})
