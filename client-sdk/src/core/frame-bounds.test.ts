import { LIMITS } from '@hongyan/protocol/constants'
import { expect, test } from 'vitest'
import { fitsFrame } from './frame-bounds.ts'

const items = (count: number): string => JSON.stringify({ userIds: Array.from({ length: count }, () => 'u') })

test('a body as long as a frame, with room for what goes around it, is the longest that fits', () => {
  expect(fitsFrame('x'.repeat(LIMITS.frameBytes - 128))).toBe(true)
  expect(fitsFrame('x'.repeat(LIMITS.frameBytes - 127))).toBe(false)
  expect(fitsFrame('汉'.repeat(LIMITS.frameBytes / 3))).toBe(false)
})

test('values are counted, and commas in texts are not', () => {
  expect(fitsFrame(items(LIMITS.jsonItems - 8))).toBe(true)
  expect(fitsFrame(items(LIMITS.jsonItems))).toBe(false)
  expect(fitsFrame(JSON.stringify({ text: ',"\\'.repeat(LIMITS.jsonItems) }))).toBe(true)
  expect(fitsFrame(JSON.stringify({ text: ',"\\', all: Array.from({ length: LIMITS.jsonItems }, () => ',') }))).toBe(
    false,
  )
})
