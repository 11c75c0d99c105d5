import { ref, watch, type Ref } from 'vue'
import type { OpenChat } from '../../im/open-chat.ts'
import { messageLine } from '../message-line.ts'
import { isNote } from './thread-rows.ts'
import { threadWords as words } from './words.ts'

/** What a screen reader says when others write. */
export function useAnnouncer({ thread, nameOf }: OpenChat): Ref<string> {
  const said = ref('')
  watch(
    () => thread.messages.at(-1),
    (newest, before) => {
      const isNew = newest && before && newest.ID !== before.ID && newest.sequence > before.sequence
      if (!isNew || newest.flow === 'out' || isNote(newest) || thread.changedAt === 'start') return
      said.value = words.value.announce(nameOf(newest.from), messageLine(newest))
    },
  )
  return said
}
