import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { contextOf } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { isStored, placeOfMessage } from './stored-message.ts'

/** Reacting to messages (tim-semantics §2.3 SEND). */
export function reactionMethods(chat: Chat) {
  async function change(command: 'reaction.add' | 'reaction.remove', message: Message, reactionID: string) {
    if (!isStored(message)) throw timError(10030)
    await chat.client.ask(command, { ...placeOfMessage(chat, message), reactionId: reactionID })
    chat.annotations.noteOwn(message.ID, reactionID, command === 'reaction.add')
    return {}
  }

  const changing =
    (method: string, command: 'reaction.add' | 'reaction.remove') => (message: Message, reactionID: string) => {
      assertParameter(isObject(message) && isText(reactionID), method, '(message, reactionID)')
      return chat.run(contextOf(message.conversationID, 'any'), () => change(command, message, reactionID))
    }

  return {
    addMessageReaction: changing('addMessageReaction', 'reaction.add'),
    removeMessageReaction: changing('removeMessageReaction', 'reaction.remove'),
  }
}
