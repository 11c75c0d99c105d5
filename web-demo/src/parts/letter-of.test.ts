import { expect, test } from 'vitest'
import { letterOf } from './letter-of.ts'

test.each([
  ['王老师', '王'],
  ['小明妈妈', '明'],
  ['刘子涵爸爸', '刘'],
  ['老师', '老'],
  ['小学部家委会', '小'],
  ['小老师', '小'],
  ['Anna', 'A'],
  ['🦊 狐狸', '🦊'],
  ['', '?'],
])('of %s stands %s', (name, letter) => {
  expect(letterOf(name)).toBe(letter)
})
