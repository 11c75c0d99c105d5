import { watch } from 'vue'
import { useRoute } from 'vue-router'
import type { OpenChat } from '../im/open-chat.ts'

/** What the address asks of the open chat: `?at=12` shows that message, `?search=…` looks for words in it. */
export function useAskedPlace(open: OpenChat): void {
  const route = useRoute()
  watch(
    () => [open.thread.isOpened, route.query['at'], route.query['search']] as const,
    ([isOpened, at, search]) => {
      if (!isOpened) return
      if (typeof search === 'string') open.panel.value = { kind: 'search', sought: search }
      const sequence = Number(at)
      if (sequence > 0) void open.jumpTo({ sequence }).catch(() => false)
    },
    { immediate: true },
  )
}
