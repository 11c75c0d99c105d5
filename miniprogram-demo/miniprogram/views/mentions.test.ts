import { expect, test } from 'vitest'
import { beginsMention, insertMention, mentionedIn } from './mentions.ts'

const wang = { userID: 't1', name: '王老师' }
const li = { userID: 't2', name: '李老师' }

test('an @ that was just typed begins a mention', () => {
  expect([beginsMention('好', '好@'), beginsMention('好@', '好'), beginsMention('', '好@')]).toEqual([
    true,
    false,
    false,
  ])
})

test('the name takes the place of the @', () => {
  expect([insertMention('请@', wang), insertMention('', wang)]).toEqual(['请@王老师 ', '@王老师 '])
})

test('who was edited away is not called, and nobody twice', () => {
  expect(mentionedIn('@王老师 你好 @王老师 ', [wang, li, wang])).toEqual(['t1'])
})
