import { c2cConversationId, ConversationStateSchema, parseUserId, Refused, type UserId } from '@hongyan/protocol'
import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { membersOf } from './conversation-directory.ts'
import { unbegunState } from './conversation-reader.ts'

function user(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error('not a user id')
  return userId
}

const [anna, bert, carla] = [user('anna'), user('bert'), user('carla')]

test('the members of a conversation are the user and his peer, or he alone', () => {
  expect(membersOf(c2cConversationId(anna, bert), bert)).toEqual([bert, anna])
  expect(membersOf(c2cConversationId(anna, anna), anna)).toEqual([anna])
})

test('[ID-1] a stranger has no members to name, and neither has an id with two spellings', () => {
  const refuse =
    (id: string): (() => unknown) =>
    () =>
      membersOf(id as never, carla)
  for (const id of [c2cConversationId(anna, bert), 'c2c:carla:anna', 'c2c:c%61rla:dora', 'carla', '']) {
    expect(refuse(id)).toThrow(Refused)
  }
})

test('a conversation that has not begun has the form of one that has', () => {
  const state = unbegunState(c2cConversationId(anna, bert), { userId: bert, nick: '', avatar: '' })
  expect(Compile(ConversationStateSchema).Check(state)).toBe(true)
})
