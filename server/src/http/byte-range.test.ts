import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRange } from './byte-range.ts'

test('one part, from either end', () => {
  expect(parseRange('bytes=0-0', 10)).toEqual({ start: 0, end: 0 })
  expect(parseRange('bytes=3-', 10)).toEqual({ start: 3, end: 9 })
  expect(parseRange('bytes=-4', 10)).toEqual({ start: 6, end: 9 })
  expect(parseRange('bytes=-40', 10)).toEqual({ start: 0, end: 9 })
  expect(parseRange('bytes=5-500', 10)).toEqual({ start: 5, end: 9 })
})

test('a part that begins behind the end cannot be had; what we do not understand is as if it were not there', () => {
  for (const header of ['bytes=10-', 'bytes=10-20', 'bytes=-0']) expect(parseRange(header, 10)).toBe('unsatisfiable')
  for (const header of [
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=5-2',
    'bytes=a-b',
    'bytes=0-1,3-4',
    'items=0-1',
    'bytes=0-9999999999999999',
  ]) {
    expect(parseRange(header, 10)).toBe('whole')
  }
  for (const header of ['bytes=0-', 'bytes=-5', 'bytes=0-0']) expect(parseRange(header, 0)).toBe('unsatisfiable')
})

test('whatever is asked, a part lies within the file', () => {
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.oneof(
        fc.string(),
        fc.tuple(fc.nat(120), fc.nat(120)).map(([a, b]) => `bytes=${a}-${b}`),
      ),
      (bytes, header) => {
        const range = parseRange(header, bytes)
        if (typeof range === 'string') return
        expect(range.start >= 0 && range.start <= range.end && range.end < bytes).toBe(true)
      },
    ),
  )
})
