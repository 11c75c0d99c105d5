import { describe, expect, test } from 'vitest'
import type { EntryOf } from '@hongyan/protocol'
import { EVENT } from '../events.ts'
import { CLASS, classStand, lastAsked, person, received, says } from '../test/group-stand.ts'
import { parentSays, textMessage, WITH_PARENT, type Stand } from '../test/stand.ts'

const people = (...names: string[]) => names.map((name) => person(name))
const named = (name: string) => ({
  userID: name,
  nick: `nick of ${name}`,
  avatar: `https://school.example/${name}.png`,
})

/** Somebody reacts. */
function react({ client }: Stand, entry: Omit<Partial<EntryOf<'reaction'>>, 'userId'> & { userId: string }): void {
  const annotation = {
    ...{ kind: 'reaction', seq: 1, messageId: 'm-1', reactionId: 'up', added: true, total: 1, users: [] },
    ...entry,
  } as unknown as EntryOf<'reaction'>
  client.tell({ kind: 'annotated', conversationId: CLASS, annotation })
}

const reacted = (stand: Stand) =>
  (stand.seen(EVENT.MESSAGE_REACTIONS_UPDATED) as { reactionList: { reactedByMyself: boolean }[] }[]).map(
    ({ reactionList }) => reactionList[0]?.reactedByMyself,
  )

describe('a reaction', () => {
  test('is put on a message and taken back, one-to-one too', async () => {
    const stand = await classStand()
    says(stand, 'parent', 'x')
    const message = received(stand)
    stand.client.answer('reaction.add', {})
    stand.client.answer('reaction.remove', {})
    expect(await stand.chat.addMessageReaction(message, 'up')).toEqual({ code: 0, data: {} })
    expect(lastAsked(stand)).toEqual({
      command: 'reaction.add',
      body: { conversationId: CLASS, seq: 1, reactionId: 'up' },
    })
    parentSays(stand, '1', '2')
    await stand.chat.removeMessageReaction(received(stand), 'up')
    expect(lastAsked(stand)?.body).toMatchObject({ conversationId: WITH_PARENT })
  })

  test.each([
    ['TOO_MANY_REACTIONS', 23005],
    ['TOO_MANY_REACTING', 23006],
    ['ALREADY_REACTED', 23007],
    ['NO_SUCH_REACTION', 23008],
    ['NOT_REACTED', 23009],
  ] as const)('%s is %i', async (name, code) => {
    const stand = await classStand()
    says(stand, 'parent', 'x')
    stand.client.failing.set('reaction.add', name)
    await expect(stand.chat.addMessageReaction(received(stand), 'up')).rejects.toMatchObject({ code })
  })

  test('needs a message that was sent', async () => {
    const { chat } = await classStand()
    await expect(chat.addMessageReaction(textMessage(chat, 'x'), 'up')).rejects.toMatchObject({ code: 10030 })
    expect(() => chat.addMessageReaction(textMessage(chat, 'x'), '')).toThrow(/addMessageReaction/)
  })

  test('is told with the message’s ID and the reaction that changed, not as a list of messages', async () => {
    const stand = await classStand()
    react(stand, { userId: 'parent', total: 2, users: people('parent', 'child') })
    expect(stand.seen(EVENT.MESSAGE_REACTIONS_UPDATED)).toEqual([
      {
        messageID: 'm-1',
        reactionList: [
          {
            ...{ reactionID: 'up', totalUserCount: 2, reactedByMyself: false },
            partialUserList: [named('parent'), named('child')],
          },
        ],
      },
    ])
  })

  test('of the user’s own is remembered where later news names too few', async () => {
    const stand = await classStand()
    const few = { total: 30, users: people('parent') }
    react(stand, { userId: 'parent', ...few })
    react(stand, { userId: 'teacher', ...few })
    react(stand, { userId: 'child', ...few })
    react(stand, { userId: 'teacher', added: false, ...few })
    react(stand, { userId: 'child', ...few })
    expect(reacted(stand)).toEqual([false, true, true, false, false])
  })
})

describe('getMessageReactions', () => {
  test('gives every message in its order, also those of different conversations and those without any', async () => {
    const stand = await classStand()
    says(stand, 'parent', '1')
    const first = received(stand)
    says(stand, 'parent', '2')
    const second = received(stand)
    parentSays(stand, '1', '2', '3')
    const other = received(stand)
    stand.client.answer('reaction.list', ({ conversationId }) => ({
      messages:
        conversationId === CLASS
          ? [{ seq: 2, reactions: [{ reactionId: 'up', total: 3, users: people('parent'), isMine: true }] }]
          : [],
    }))
    const messageList = [first, other, second]
    const { data } = await stand.chat.getMessageReactions({ messageList })
    expect(stand.client.asked.map(({ body }) => body)).toEqual([
      { conversationId: CLASS, seqs: [1, 2], usersPerReaction: 10 },
      { conversationId: WITH_PARENT, seqs: [3], usersPerReaction: 10 },
    ])
    const up = { reactionID: 'up', totalUserCount: 3, partialUserList: [named('parent')], reactedByMyself: true }
    expect(data.resultList).toEqual([
      { messageID: first.ID, reactionList: [] },
      { messageID: other.ID, reactionList: [] },
      { messageID: second.ID, reactionList: [up] },
    ])
    react(stand, { userId: 'child', messageId: second.ID, total: 30, users: people('parent') })
    expect(reacted(stand)).toEqual([true])
  })
})

test('getAllUserListOfMessageReaction pages by numbers and says when it is done', async () => {
  const stand = await classStand()
  says(stand, 'parent', 'x')
  const message = received(stand)
  stand.client.answer('reaction.users', ({ after }) =>
    after === undefined ? { users: people('a', 'b'), next: 'more' } : { users: people('c') },
  )
  const page = async (nextSeq: number) =>
    (await stand.chat.getAllUserListOfMessageReaction({ message, reactionID: 'up', nextSeq, count: 2 })).data
  expect(await page(0)).toEqual({ userList: [named('a'), named('b')], nextSeq: 2, isCompleted: false })
  expect(await page(2)).toEqual({ userList: [named('c')], nextSeq: 0, isCompleted: true })
})
