import { expect, test } from 'vitest'
import { listPatch } from './list-patch.ts'

const rows = (...texts: string[]) => texts.map((text, index) => ({ id: `${index}`, text }))

test('a list that is the same has no patch', () => {
  expect(listPatch('rows', rows('a', 'b'), rows('a', 'b'))).toEqual({})
})

test('a line that changed is patched alone', () => {
  expect(listPatch('rows', rows('a', 'b', 'c', 'd'), rows('a', 'b', 'C', 'd'))).toEqual({
    'rows[2]': { id: '2', text: 'C' },
  })
})

test('a new line at the end is appended', () => {
  expect(listPatch('rows', rows('a', 'b', 'c'), rows('a', 'b', 'c', 'd'))).toEqual({
    'rows[3]': { id: '3', text: 'd' },
  })
})

test('a shorter list goes over whole, for a path cannot take lines away', () => {
  expect(listPatch('rows', rows('a', 'b'), rows('a'))).toEqual({ rows: rows('a') })
})

test('a list that is mostly another goes over whole', () => {
  expect(listPatch('rows', rows('a', 'b', 'c'), rows('x', 'y', 'c'))).toEqual({ rows: rows('x', 'y', 'c') })
})
