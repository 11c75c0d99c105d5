import { expect, test } from 'vitest'
import { FileFacts } from './file-facts.ts'

const facts = new FileFacts([
  { accountKey: 1, fileId: 'a' },
  { accountKey: 1, fileId: 'b' },
  { accountKey: 12, fileId: 'c' },
])

test('what one may open may be shown', () => {
  expect(facts.refusalOf(1, { fileIds: ['a', 'b'] })).toBeUndefined()
  expect(facts.refusalOf(1, { fileIds: [] })).toBeUndefined()
  expect(new FileFacts([]).refusalOf(1, { fileIds: [] })).toBeUndefined()
})

test('one file too many refuses the message, whose-ever it is', () => {
  expect(facts.refusalOf(1, { fileIds: ['a', 'c'] })).toBe('NO_SUCH_FILE')
  expect(facts.refusalOf(1, { fileIds: ['nowhere'] })).toBe('NO_SUCH_FILE')
  expect(facts.refusalOf(2, { fileIds: ['a'] })).toBe('NO_SUCH_FILE')
})

test('key and id do not run together', () => {
  expect(new FileFacts([{ accountKey: 1, fileId: '2 c' }]).refusalOf(12, { fileIds: ['c'] })).toBe('NO_SUCH_FILE')
})
