import type { Conversation, Message, Reaction } from '@hongyan/client-sdk'
import { expect, test } from 'vitest'
import { withChanged } from '../../im/thread-reactions.ts'
import { founderIn } from './group-created.ts'
import { targetsMatching, targetsOf } from './forward-targets.ts'
import { toggled } from './selection-rules.ts'

function reaction(reactionID: string, totalUserCount: number): Reaction {
  return { reactionID, totalUserCount, partialUserList: [], reactedByMyself: false }
}

test('a changed reaction takes the place of the old one, and one that nobody has any more goes', () => {
  const after = withChanged([reaction('👍', 1), reaction('🎉', 2)], [reaction('👍', 0), reaction('❤️', 1)])
  expect(after.map(({ reactionID, totalUserCount }) => `${reactionID}${totalUserCount}`)).toEqual(['🎉2', '❤️1'])
})

test('a message is chosen by the first click and no longer by the second', () => {
  const chosen = toggled(new Set(['a']), 'b')
  expect([...chosen]).toEqual(['a', 'b'])
  expect([...toggled(chosen, 'a')]).toEqual(['b'])
})

test('who founded a group is read from the message that TIM’s SDK sends, and from no other', () => {
  const custom = (data: string): Pick<Message, 'type' | 'payload'> => ({ type: 'TIMCustomElem', payload: { data } })
  expect(founderIn(custom('{"businessID":"group_create","opUser":"王老师"}'))).toBe('王老师')
  expect(founderIn(custom('{"businessID":"other","note":"group_create"}'))).toBeUndefined()
  expect(founderIn(custom('group_create'))).toBeUndefined()
  expect(
    founderIn({ type: 'TIMTextElem', payload: { data: '{"businessID":"group_create","opUser":"x"}' } }),
  ).toBeUndefined()
})

test('one forwards to people and groups, by name or id, and not to the system', () => {
  const all = [
    {
      conversationID: 'C2Cp_1001',
      type: 'C2C',
      remark: '',
      userProfile: { userID: 'p_1001', nick: '小明妈妈', avatar: '' },
    },
    { conversationID: 'GROUPg', type: 'GROUP', remark: '', groupProfile: { name: '二班', avatar: '' } },
    { conversationID: '@TIM#SYSTEM', type: '@TIM#SYSTEM' },
  ] as unknown as Conversation[]
  const targets = targetsOf(all)
  expect(targets.map(({ name }) => name)).toEqual(['小明妈妈', '二班'])
  expect(targetsMatching(targets, ' P_1001 ').map(({ name }) => name)).toEqual(['小明妈妈'])
  expect(targetsMatching(targets, '三班')).toEqual([])
})
