import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { toElement } from '../mapping/element.ts'
import type { Message } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject } from '../validation.ts'
import { isStored, placeOfMessage } from './stored-message.ts'

/** Changing what was sent (tim-semantics §4.7). */
export function modifyMethods(chat: Chat) {
  /** Reads the application's own `payload`: version 2 and kits replace it (tim-semantics §8.17). */
  async function modify(message: Message): Promise<{ message: Message }> {
    const ours = chat.messages.find(message.ID) ?? message
    if (ours.conversationSubType === TYPES.GRP_AVCHATROOM) throw timError(2481)
    if (!isStored(ours)) throw timError(20026)
    const place = placeOfMessage(chat, ours)
    // A copy may be without what it does not change.
    const said: Partial<Message> = message
    const {
      type = ours.type,
      payload = ours.payload,
      cloudCustomData = ours.cloudCustomData,
      _elements = ours._elements,
    } = said
    try {
      const { version } = await chat.client.modify({
        ...place,
        version: ours.version,
        elements: [toElement({ type, content: payload }), ..._elements.slice(1).map(toElement)],
        ...(cloudCustomData === '' ? {} : { customData: cloudCustomData }),
      })
      // The change itself may have come before, or be on its way.
      if (version > ours.version) Object.assign(ours, { version, isModified: true, payload, cloudCustomData })
      return { message: ours }
    } catch (error) {
      if (!isConflict(error)) throw error
      throw timError(2480, '', { message: (await chat.messageAt(place.conversationId, place.seq)) ?? ours })
    }
  }

  return {
    modifyMessage: (message: Message) => {
      const isGood = isObject(message) && (message.payload === undefined || isObject(message.payload))
      assertParameter(isGood, 'modifyMessage', 'a message')
      return chat.run('modify', () => modify(message))
    },
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && 'failure' in error && error.failure === 'MODIFY_CONFLICT'
}
