import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeUtf8 } from './utf8.ts'

test('every text comes back from its bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text)
    }),
    { numRuns: 1000 },
  )
})

test('any bytes are a text, and what is not UTF-8 is marked as the platform’s own decoder marks it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const text = decodeUtf8(bytes)
      const expected = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
      expect(text.includes('\ufffd')).toBe(expected.includes('\ufffd'))
      if (!expected.includes('\ufffd')) expect(text).toBe(expected)
    }),
    { numRuns: 3000 },
  )
})
