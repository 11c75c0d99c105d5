import type { Message } from '@hongyan/client-sdk'
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { chat, EVENT, listen } from './chat.ts'

/** What a group keeps in sight, the newest pin first. */
export function usePins(groupID: string): {
  readonly pinned: ShallowRef<readonly Message[]>
  /** Rejects with TIM's code. */
  pin(message: Message, wish: { readonly isPinned: boolean }): Promise<void>
} {
  const pinned = shallowRef<readonly Message[]>([])

  async function load(): Promise<void> {
    pinned.value = (await chat.getPinnedGroupMessageList(groupID)).data.messageList
  }

  async function pin(message: Message, { isPinned }: { readonly isPinned: boolean }): Promise<void> {
    await chat.pinGroupMessage({ groupID, message, isPinned })
    take(message, isPinned)
  }

  function take(message: Message, isPinned: boolean): void {
    const others = pinned.value.filter(({ ID }) => ID !== message.ID)
    pinned.value = isPinned ? [message, ...others] : others
  }

  const endings = [
    listen(EVENT.PINNED_GROUP_MESSAGE_UPDATED, (news) => {
      if (news.groupID === groupID) take(news.message, news.isPinned)
    }),
    listen(EVENT.MESSAGE_REVOKED, (messages) => {
      const gone = new Set(messages.map(({ ID }) => ID))
      if (pinned.value.some(({ ID }) => gone.has(ID))) pinned.value = pinned.value.filter(({ ID }) => !gone.has(ID))
    }),
  ]
  onScopeDispose(() => endings.forEach((end) => end()))
  if (groupID) void load().catch(() => undefined)
  return { pinned, pin }
}
