import { LIMITS } from '@hongyan/protocol/constants'
import type { Chat } from '../chat.ts'
import { contextOf } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { isAbsentOrTextList } from './keyed-values.ts'
import { isStored, placeOfMessage } from './stored-message.ts'

export interface Extension {
  key: string
  value: string
}

/** Small data that anybody in a conversation may put on a message that allows it (tim-semantics §2.3 EXT). */
export function extensionMethods(chat: Chat) {
  return {
    setMessageExtensions: (message: Message, extensions: Extension[]) => {
      assertExtensible(message, 'setMessageExtensions')
      assertParameter(isExtensionList(extensions), 'setMessageExtensions', '(message, [{ key, value }]), 1 to 20')
      return chat.run(contextOf(message.conversationID, 'any'), async () => {
        const set = extensions.map(({ key, value }) => ({ key, value }))
        await chat.client.ask('extension.set', { ...placeOfMessage(chat, message), extensions: set })
        return { extensions: set.map((extension) => ({ code: 0, ...extension })) }
      })
    },
    /** Those named, or all. */
    getMessageExtensions: (message: Message, keyList?: string[]) => {
      assertExtensible(message, 'getMessageExtensions')
      assertParameter(isAbsentOrTextList(keyList), 'getMessageExtensions', '(message, keyList?)')
      return chat.run(contextOf(message.conversationID, 'any'), async () => {
        const reply = await chat.client.ask('extension.list', placeOfMessage(chat, message))
        const isAsked = ({ key }: Extension): boolean => !keyList || keyList.length === 0 || keyList.includes(key)
        return { extensions: reply.extensions.filter(isAsked) }
      })
    },
    /** Those named, or all. */
    deleteMessageExtensions: (message: Message, keyList?: string[]) => {
      assertExtensible(message, 'deleteMessageExtensions')
      assertParameter(isAbsentOrTextList(keyList), 'deleteMessageExtensions', '(message, keyList?)')
      return chat.run(contextOf(message.conversationID, 'any'), async () => {
        const body = { ...placeOfMessage(chat, message), keys: [...(keyList ?? [])] }
        const { keys } = await chat.client.ask('extension.delete', body)
        return { extensions: keys.map((key) => ({ code: 0, key, value: '' })) }
      })
    },
  }
}

function assertExtensible(message: Message, method: string): void {
  const isGood = isStored(message) && message.isSupportExtension === true
  assertParameter(isGood, method, 'a sent message that supports extensions')
}

function isExtensionList(list: unknown): list is Extension[] {
  const isOne = (item: unknown): boolean => isObject(item) && isText(item['key']) && typeof item['value'] === 'string'
  return Array.isArray(list) && list.length > 0 && list.length <= LIMITS.extensionsPerRequest && list.every(isOne)
}
