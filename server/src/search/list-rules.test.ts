import { expect, test } from 'vitest'
import { listPage, type WalkedRow } from './list-rules.ts'

const row = (key: number, count: number, edge: readonly number[] | null = null): WalkedRow => ({
  place: [key],
  count,
  edge,
})

test('a page with everything has no next, and its total is what was found', () => {
  const rows = [row(1, 2), row(2, 2)]
  expect(listPage('u', rows, 5)).toEqual({ rows, total: 7 })
})

test('where there was no room for more, the search goes on behind the last row', () => {
  const rows = [row(3, 9, [40]), row(7, 9, [40])]
  expect(listPage('u', rows, 2)).toEqual({ rows, total: 11, next: 'u.7.4' })
})

test('where all was shown and not all was walked, it goes on behind what was walked', () => {
  const rows = [row(3, 1, [40, 2])]
  expect(listPage('m', rows, 0)).toEqual({ rows, total: 1, next: 'm.40.2.1' })
})

test('the row that says that nothing was found is none', () => {
  expect(listPage('u', [{ place: null, count: 0, edge: null }], 3)).toEqual({ rows: [], total: 3 })
  expect(listPage('u', [{ place: null, count: 0, edge: [40] }], 3)).toEqual({ rows: [], total: 3, next: 'u.40.3' })
  expect(listPage('u', [], 0)).toEqual({ rows: [], total: 0 })
})
