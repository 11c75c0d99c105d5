import { LIMITS } from '@hongyan/protocol/constants'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { contextOf } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import { toTimPerson, type TimPerson } from '../mapping/person.ts'
import type { Reaction } from '../mapping/reaction.ts'
import { PageCursors } from '../page-cursors.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { someOf } from './pages.ts'
import { byConversation, isStored, placeOfMessage } from './stored-message.ts'

const USERS_SHOWN = 10

export interface ReactionUsersOptions {
  message: Message
  reactionID: string
  nextSeq?: number
  count?: number
}

/** Who has reacted to messages, and how. */
export function reactionListMethods(chat: Chat) {
  const cursors = new PageCursors()

  async function list(messageList: readonly Message[], usersPerReaction: number) {
    const found = new Map<string, Reaction[]>()
    for (const messages of byConversation(messageList.filter(isStored)).values()) {
      for (let from = 0; from < messages.length; from += LIMITS.historyPage) {
        const page = await fetchReactions(chat, messages.slice(from, from + LIMITS.historyPage), usersPerReaction)
        for (const [ID, reactions] of page) found.set(ID, reactions)
      }
    }
    return { resultList: messageList.map(({ ID }) => ({ messageID: ID, reactionList: found.get(ID) ?? [] })) }
  }

  async function users({ message, reactionID, nextSeq, count }: ReactionUsersOptions) {
    if (!isStored(message)) throw timError(10030)
    const place = placeOfMessage(chat, message)
    const { items, next } = await cursors.page<TimPerson>(
      `${message.ID} ${reactionID}`,
      Math.max(0, Math.floor(Number(nextSeq)) || 0),
      someOf(count, LIMITS.reactionUsers),
      async (after, some) => {
        const from = after === undefined ? {} : { after }
        const reply = await chat.client.ask('reaction.users', {
          ...place,
          reactionId: reactionID,
          ...from,
          limit: some,
        })
        return { items: reply.users.map(toTimPerson), next: reply.next }
      },
    )
    return { userList: [...items], nextSeq: next, isCompleted: next === 0 }
  }

  return {
    /** Of messages of any conversations, in their order. */
    getMessageReactions: (options: { messageList: Message[]; maxUserCountPerReaction?: number }) => {
      const isGood = isObject(options) && Array.isArray(options.messageList) && options.messageList.every(isObject)
      assertParameter(isGood, 'getMessageReactions', '{ messageList, maxUserCountPerReaction? }')
      const { messageList, maxUserCountPerReaction } = options
      const isAsked = typeof maxUserCountPerReaction === 'number' && maxUserCountPerReaction >= 0
      const most = isAsked ? Math.min(LIMITS.reactionUsers, Math.floor(maxUserCountPerReaction)) : USERS_SHOWN
      return chat.run(contextOf(messageList[0]?.conversationID, 'any'), () => list(messageList, most))
    },
    getAllUserListOfMessageReaction: (options: ReactionUsersOptions) => {
      const isGood = isObject(options) && isObject(options.message) && isText(options.reactionID)
      assertParameter(isGood, 'getAllUserListOfMessageReaction', '{ message, reactionID, nextSeq?, count? }')
      return chat.run(contextOf(options.message.conversationID, 'any'), () => users(options))
    },
  }
}

/** Of some messages of one conversation, by their IDs. */
async function fetchReactions(
  chat: Chat,
  messages: readonly Message[],
  usersPerReaction: number,
): Promise<Map<string, Reaction[]>> {
  const places = messages.map((message) => placeOfMessage(chat, message))
  const [first] = places
  const found = new Map<string, Reaction[]>()
  if (!first) return found
  const seqs = places.map(({ seq }) => seq)
  const body = { conversationId: first.conversationId, seqs, usersPerReaction }
  const reply = await chat.client.ask('reaction.list', body)
  for (const { seq, reactions } of reply.messages) {
    const ID = messages[seqs.indexOf(seq)]?.ID
    if (ID === undefined) continue
    for (const { reactionId, isMine } of reactions) chat.annotations.noteOwn(ID, reactionId, isMine)
    const list = reactions.map(({ reactionId, total, users, isMine }) => ({
      reactionID: reactionId,
      totalUserCount: total,
      partialUserList: users.map(toTimPerson),
      reactedByMyself: isMine,
    }))
    found.set(ID, list)
  }
  return found
}
