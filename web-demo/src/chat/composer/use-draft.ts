import { onScopeDispose, watch, type Ref } from 'vue'
import { chat } from '../../im/chat.ts'
import type { OpenChat } from '../../im/open-chat.ts'

const SAVE_MS = 800

/** What was begun stays as the conversation's draft: told while writing, and when the conversation is left. */
export function useDraft({ conversationID, type, conversation }: OpenChat, text: Ref<string>): void {
  let saved = ''
  let saving: ReturnType<typeof setTimeout> | undefined

  function save(): void {
    clearTimeout(saving)
    const draftText = text.value.trim() === '' ? '' : text.value
    if (draftText === saved || type === 'SYSTEM') return
    saved = draftText
    // Who has been signed out, or out of the group, has no draft to keep.
    void chat.setConversationDraft({ conversationID, draftText }).catch(() => undefined)
  }

  const stop = watch(
    conversation,
    (known) => {
      if (!known) return
      saved = known.draftText
      if (text.value === '') text.value = known.draftText
      queueMicrotask(() => stop())
    },
    { immediate: true },
  )
  watch(text, (now) => {
    clearTimeout(saving)
    // What was sent is no draft, and the list should not say so for a moment.
    if (now === '') save()
    else saving = setTimeout(save, SAVE_MS)
  })
  onScopeDispose(save)
}
