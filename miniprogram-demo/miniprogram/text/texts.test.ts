import { expect, test } from 'vitest'
import { en } from './en.ts'
import { zh } from './zh.ts'

function textsIn(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => textsIn(part, `${path}.${key}`))
}

test('no Chinese is left in the English words', () => {
  const left = textsIn(en).filter(([path, text]) => /[\u4e00-\u9fff]/.test(text) && path !== '.me.language')
  expect(left).toEqual([])
})

test('every page’s words go over the bridge: strings and lists of strings', () => {
  const { says, weekdays, yesterday, ...pages } = zh
  expect(typeof yesterday).toBe('string')
  expect([...weekdays]).toHaveLength(7)
  expect(Object.values(says).every((say) => typeof say === 'function' || typeof say === 'string')).toBe(true)
  expect(JSON.parse(JSON.stringify(pages))).toEqual(pages)
})
