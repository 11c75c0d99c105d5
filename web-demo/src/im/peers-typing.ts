import type { Message } from '@hongyan/client-sdk'
import { readonly, ref } from 'vue'
import { chat, EVENT, listen, TYPES } from './chat.ts'

/** A peer who says nothing more of it has stopped, whatever he said last. */
const LASTS_MS = 6_000
/** As Tencent's UI kits write it. */
const BUSINESS_ID = 'user_typing_status'

const typing = ref<ReadonlySet<string>>(new Set())
const timers = new Map<string, ReturnType<typeof setTimeout>>()

/** The conversations in which the peer is writing now. */
export const peersTyping = readonly(typing)

/** Begins to follow it; once, when the instance is there. */
export function followTyping(): void {
  listen(EVENT.MESSAGE_RECEIVED, (messages) => {
    for (const message of messages) if (message.conversationType === TYPES.CONV_C2C) hear(message)
  })
  listen(EVENT.SDK_NOT_READY, () => chat.getLoginUser() === '' && [...typing.value].forEach(stop))
}

/** Whether this message says that its sender is writing (true) or stopped (false); undefined for any other message. */
export function typingOf({ type, payload }: Pick<Message, 'type' | 'payload'>): boolean | undefined {
  if (type !== TYPES.MSG_CUSTOM || typeof payload.data !== 'string') return undefined
  try {
    const data: unknown = JSON.parse(payload.data)
    if (typeof data !== 'object' || data === null || !('businessID' in data)) return undefined
    return data.businessID === BUSINESS_ID ? 'typingStatus' in data && data.typingStatus === 1 : undefined
  } catch {
    return undefined
  }
}

function hear(message: Message): void {
  const { conversationID } = message
  clearTimeout(timers.get(conversationID))
  if (typingOf(message) !== true) return stop(conversationID)
  timers.set(
    conversationID,
    setTimeout(() => stop(conversationID), LASTS_MS),
  )
  if (!typing.value.has(conversationID)) typing.value = new Set([...typing.value, conversationID])
}

function stop(conversationID: string): void {
  clearTimeout(timers.get(conversationID))
  timers.delete(conversationID)
  if (typing.value.has(conversationID)) typing.value = new Set([...typing.value].filter((ID) => ID !== conversationID))
}
