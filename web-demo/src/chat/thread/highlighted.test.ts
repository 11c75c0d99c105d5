import { expect, test } from 'vitest'
import { highlighted } from './highlighted.ts'

function marked(text: string, sought: string): string {
  return highlighted(text, sought)
    .map((part) => (part.isHit ? `[${part.text}]` : part.text))
    .join('')
}

test('every word that was sought is marked, whatever its case', () => {
  expect(marked('Hello 家长会 hello', 'hello 家长')).toBe('[Hello] [家长]会 [hello]')
})

test('signs that mean something in a pattern are only signs', () => {
  expect(marked('1+1=2 (a|b) [x] C:\\y', '1+1 (a|b) [x] C:\\y')).toBe('[1+1]=2 [(a|b)] [[x]] [C:\\y]')
})

test('nothing is sought, nothing is marked', () => {
  expect(marked('家长会', '  ')).toBe('家长会')
})
