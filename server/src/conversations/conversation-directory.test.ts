import { c2cConversationId, ConversationStateSchema, parseUserId, Refused, type UserId } from '@hongyan/protocol'
import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { assertNotForeign, membersToBegin } from './conversation-directory.ts'
import { unbegunState } from './conversation-reader.ts'

function user(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error('not a user id')
  return userId
}

const [anna, bert, carla] = [user('anna'), user('bert'), user('carla')]

test('the members of a conversation are the user and his peer, or he alone', () => {
  expect(membersToBegin(c2cConversationId(anna, bert), bert)).toEqual([bert, anna])
  expect(membersToBegin(c2cConversationId(anna, anna), anna)).toEqual([anna])
})

test('[ID-1] a stranger has no members to name, and neither has an id with two spellings', () => {
  const refuse =
    (id: string): (() => unknown) =>
    () =>
      membersToBegin(id as never, carla)
  for (const id of [c2cConversationId(anna, bert), 'c2c:carla:anna', 'c2c:c%61rla:dora', 'carla', '']) {
    expect(refuse(id)).toThrow(Refused)
  }
})

test('[ID-1] of a one-to-one conversation and of the server’s own the id alone shows whose it is; of a group it does not', () => {
  for (const id of ['c2c:anna:bert', 'system:anna', 'group:class', 'group:%40TGS%231']) {
    expect(() => assertNotForeign(id as never, anna)).not.toThrow()
  }
  for (const id of ['c2c:bert:carla', 'system:bert', 'group:a b', 'group:%63lass', 'system:%61nna', 'group:', 'anna']) {
    expect(() => assertNotForeign(id as never, anna)).toThrow(Refused)
  }
})

test('a conversation that has not begun has the form of one that has', () => {
  const state = unbegunState(c2cConversationId(anna, bert), { userId: bert, nick: '', avatar: '' })
  expect(Compile(ConversationStateSchema).Check(state)).toBe(true)
})
