import { computed, type ComputedRef } from 'vue'
import type { OpenChat } from '../../im/open-chat.ts'
import { headerWords as words } from './words.ts'

/** What stands above the thread: the group's name, or the peer's. */
export function useChatName({ type, to, conversation, group, nameOf }: OpenChat): ComputedRef<string> {
  return computed(() => {
    if (type === 'SYSTEM') return words.value.system
    if (type === 'C2C') return conversation.value?.remark || nameOf(to)
    return group.value?.name || conversation.value?.groupProfile?.name || to
  })
}
