import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classify } from './offset.ts'

describe('classify', () => {
  test('[PUSH-2] what is not beyond the cursor is old', () => {
    expect(classify(5, 5)).toBe('old')
    expect(classify(5, 4)).toBe('old')
    expect(classify(0, 0)).toBe('old')
  })

  test('the entry after the cursor is next', () => {
    expect(classify(0, 1)).toBe('next')
    expect(classify(5, 6)).toBe('next')
  })

  test('[PUSH-3] anything further is a gap', () => {
    expect(classify(5, 7)).toBe('gap')
    expect(classify(0, 2)).toBe('gap')
    expect(classify(0, Number.MAX_SAFE_INTEGER)).toBe('gap')
  })

  test('[PUSH-1] a reader that applies only what is next, and pulls at a gap, has every entry once and in order', () => {
    const arrivals = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 200 })
    fc.assert(
      fc.property(arrivals, (offsets) => {
        const applied: number[] = []
        for (const offset of offsets) {
          const cursor = applied.length
          const arrival = classify(cursor, offset)
          if (arrival === 'next') applied.push(offset)
          if (arrival === 'gap') for (let pulled = cursor + 1; pulled <= offset; pulled++) applied.push(pulled)
        }
        expect(applied).toEqual(Array.from({ length: Math.max(0, ...offsets) }, (_, index) => index + 1))
      }),
    )
  })
})
