import type { Message, Reaction } from '@hongyan/client-sdk'
import { onScopeDispose, shallowReactive, watch } from 'vue'
import { chat, EVENT, listen } from './chat.ts'
import type { Thread } from './thread.ts'
import { isStored } from './thread-window.ts'

/** Offered in the menu. */
export const COMMON_REACTIONS = ['👍', '❤️', '😄', '🎉', '🙏', '👀'] as const

/** As many messages as one request may name. */
const AT_ONCE = 20

/** The reactions on the messages that are here, by their IDs. */
export function useReactions(thread: Readonly<Thread>, original: (ID: string) => Message | undefined) {
  const reactions = shallowReactive(new Map<string, readonly Reaction[]>())
  const asked = new Set<string>()

  async function load(messages: readonly Message[]): Promise<void> {
    const fresh = messages.filter((message) => isStored(message) && hasReactions(message) && !asked.has(message.ID))
    for (const { ID } of fresh) asked.add(ID)
    for (let from = 0; from < fresh.length; from += AT_ONCE) {
      const messageList = fresh.slice(from, from + AT_ONCE).flatMap(({ ID }) => original(ID) ?? [])
      const { resultList } = (await chat.getMessageReactions({ messageList, maxUserCountPerReaction: 3 })).data
      for (const { messageID, reactionList } of resultList) {
        if (reactionList.length > 0) reactions.set(messageID, reactionList)
      }
    }
  }

  function forget(messages: readonly Message[]): void {
    const here = new Set(messages.map(({ ID }) => ID))
    for (const ID of asked) {
      if (here.has(ID)) continue
      asked.delete(ID)
      reactions.delete(ID)
    }
  }

  /** Takes the user's own back where it is there. Rejects with TIM's code. */
  async function toggle(ID: string, reactionID: string): Promise<void> {
    const message = original(ID)
    if (!message) return
    const isMine = reactions.get(ID)?.some((one) => one.reactionID === reactionID && one.reactedByMyself) ?? false
    await (isMine ? chat.removeMessageReaction(message, reactionID) : chat.addMessageReaction(message, reactionID))
  }

  const end = listen(EVENT.MESSAGE_REACTIONS_UPDATED, ({ messageID, reactionList }) => {
    reactions.set(messageID, withChanged(reactions.get(messageID) ?? [], reactionList))
  })
  watch(
    () => thread.messages,
    (messages) => {
      forget(messages)
      void load(messages).catch(() => undefined)
    },
    { immediate: true },
  )
  onScopeDispose(end)
  return { reactions, toggle }
}

/** The event has those that changed only; what nobody reacts with any more is gone. */
export function withChanged(known: readonly Reaction[], changed: readonly Reaction[]): readonly Reaction[] {
  const byID = new Map([...known, ...changed].map((reaction) => [reaction.reactionID, reaction]))
  return [...byID.values()].filter(({ totalUserCount }) => totalUserCount > 0)
}

function hasReactions({ isSystemMessage, isRevoked }: Message): boolean {
  return !isSystemMessage && !isRevoked
}
