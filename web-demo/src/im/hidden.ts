import type { Conversation } from '@hongyan/client-sdk'
import { ref } from 'vue'
import { recall, remember } from '../look/storage.ts'

/** So many are kept, the latest ones; an older one comes back into the list. */
const MAX_HIDDEN = 500

/** conversationID → the time of the last message when it was hidden. */
type Hidden = Readonly<Record<string, number>>

/** Conversations that the user does not want to see until something happens in them; kept on this machine. */
function createHidden() {
  const hidden = ref<Hidden>({})
  let key = ''

  return {
    /** Whose list it is from now on. */
    of(userID: string): void {
      key = `hidden.${userID}`
      hidden.value = recall<Hidden>(key) ?? {}
    },
    isHidden({ conversationID, lastMessage }: Conversation): boolean {
      const since = hidden.value[conversationID]
      return since !== undefined && lastMessage.lastTime <= since
    },
    hide({ conversationID, lastMessage }: Conversation): void {
      const { [conversationID]: _, ...others } = hidden.value
      const kept = Object.entries(others).slice(1 - MAX_HIDDEN)
      hidden.value = { ...Object.fromEntries(kept), [conversationID]: lastMessage.lastTime }
      remember(key, hidden.value, { for: 'ever' })
    },
    show(conversationID: string): void {
      if (!(conversationID in hidden.value)) return
      const { [conversationID]: _, ...others } = hidden.value
      hidden.value = others
      remember(key, others, { for: 'ever' })
    },
  }
}

export const hiddenConversations = createHidden()
