import type { Conversation, Group } from '@hongyan/client-sdk'
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { chat, EVENT, listen } from './chat.ts'

/** Copies of one conversation, and of its group where the user is in it, renewed with every change. */
export function useConversationCopy(conversationID: string): {
  readonly conversation: ShallowRef<Conversation | undefined>
  readonly group: ShallowRef<Group | undefined>
} {
  const conversation = shallowRef<Conversation>()
  const group = shallowRef<Group>()

  function take(found: Conversation | undefined): void {
    if (!found) return
    conversation.value = { ...found }
    if (found.groupProfile && group.value === undefined) takeGroup(found.groupProfile)
  }

  function takeGroup(found: Group | undefined): void {
    group.value = found && { ...found, selfInfo: { ...found.selfInfo } }
  }

  async function load(): Promise<void> {
    take((await chat.getConversationProfile(conversationID)).data.conversation)
  }

  // A conversation that cannot be opened: the thread says why.
  const loadQuietly = (): void => void load().catch(() => undefined)
  const endings = [
    listen(EVENT.SDK_READY, loadQuietly),
    listen(EVENT.CONVERSATION_LIST_UPDATED, (list) =>
      take(list.find((found) => found.conversationID === conversationID)),
    ),
    listen(EVENT.GROUP_LIST_UPDATED, (list) => {
      if (conversationID.startsWith('GROUP'))
        takeGroup(list.find(({ groupID }) => `GROUP${groupID}` === conversationID))
    }),
  ]
  onScopeDispose(() => endings.forEach((end) => end()))
  if (chat.isReady()) loadQuietly()
  return { conversation, group }
}
