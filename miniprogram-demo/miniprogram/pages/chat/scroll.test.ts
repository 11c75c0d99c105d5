import { expect, test } from 'vitest'
import { isAtBottom, keptTop } from './scroll.ts'

test('somebody is at the bottom when little is below', () => {
  const at = (top: number): boolean => isAtBottom({ top, height: 2000, visible: 600 })
  expect([at(1400), at(1300), at(1200)]).toEqual([true, true, false])
})

test('where the view kept the place, it is left alone', () => {
  expect(keptTop({ top: 100, height: 1000, visible: 600 }, { top: 900, height: 1800, visible: 600 })).toBeUndefined()
})

test('where it did not, what grew above is added', () => {
  expect(keptTop({ top: 100, height: 1000, visible: 600 }, { top: 100, height: 1800, visible: 600 })).toBe(900)
})

test('where nothing grew, nothing moves', () => {
  expect(keptTop({ top: 100, height: 1000, visible: 600 }, { top: 100, height: 1000, visible: 600 })).toBeUndefined()
})
