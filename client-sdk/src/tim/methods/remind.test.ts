import { expect, test } from 'vitest'
import type { Remind } from '@hongyan/protocol'
import { CLASS, classStand, lastAsked } from '../test/group-stand.ts'
import { parentSays, readyStand } from '../test/stand.ts'

test.each([
  ['AcceptAndNotify', 'notify'],
  ['AcceptNotNotify', 'silent'],
  ['AcceptNotNotifyExceptAt', 'silent-except-at'],
  ['Discard', 'discard'],
  ['NotReceiveMsgExceptAt', 'discard-except-at'],
] as const)('%s of a group is %s, on the group and on its conversation', async (messageRemindType, remind: Remind) => {
  const stand = await classStand()
  stand.client.answer('conversation.remind', ({ conversationIds }) => {
    for (const id of conversationIds) stand.client.put(id, { remind })
    return { conversationIds }
  })
  const { data } = await stand.chat.setMessageRemindType({ groupID: 'class1', messageRemindType })
  expect(lastAsked(stand)?.body).toEqual({ conversationIds: [CLASS], remind })
  expect(data.group.selfInfo.messageRemindType).toBe(messageRemindType)
  const { conversation } = (await stand.chat.getConversationProfile('GROUPclass1')).data
  expect(conversation.messageRemindType).toBe(messageRemindType)
})

test('of users names those it was set for and those with whom there is no conversation', async () => {
  const stand = await readyStand()
  parentSays(stand, 'x')
  stand.client.answer('conversation.remind', { conversationIds: ['c2c:parent:teacher' as never] })
  const userIDList = ['parent', 'stranger', 'with space']
  const { data } = await stand.chat.setMessageRemindType({ userIDList, messageRemindType: 'Discard' })
  expect(data).toEqual({
    successUserIDList: [{ userID: 'parent' }],
    failureUserIDList: [
      { userID: 'stranger', code: 2500 },
      { userID: 'with space', code: 2500 },
    ],
  })
})

test('of nobody, of too many, or of an unknown kind throws', async () => {
  const { chat } = await readyStand()
  const userIDList = Array.from({ length: 31 }, (_, i) => `u${i}`)
  for (const bad of [
    { messageRemindType: 'Discard' },
    { userIDList, messageRemindType: 'Discard' },
    { groupID: 'class1', messageRemindType: 'Sometimes' },
  ]) {
    expect(() => chat.setMessageRemindType(bad)).toThrow(/setMessageRemindType/)
  }
})

test('of a group the user is not in rejects 10007', async () => {
  const stand = await readyStand()
  stand.client.answer('conversation.remind', { conversationIds: [] })
  const call = stand.chat.setMessageRemindType({ groupID: 'class1', messageRemindType: 'Discard' })
  await expect(call).rejects.toMatchObject({ code: 10007 })
})
