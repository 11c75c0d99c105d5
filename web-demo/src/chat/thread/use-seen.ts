import type { VirtualizerHandle } from 'virtua/vue'
import { onScopeDispose, watch, type Ref } from 'vue'
import type { OpenChat } from '../../im/open-chat.ts'
import { markRead, useReadCounts, useReceipts } from '../../im/receipts.ts'
import type { Row } from './thread-rows.ts'

/** Tells the server what the user has before the eyes: nothing while the page is hidden, receipts only with the focus. */
export function useSeen({
  open,
  rows,
  list,
  scroll,
}: {
  readonly open: OpenChat
  readonly rows: Readonly<Ref<readonly Row[]>>
  readonly list: Readonly<Ref<VirtualizerHandle | null>>
  readonly scroll: { readonly isPlaced: Readonly<Ref<boolean>>; readonly isAtEnd: Readonly<Ref<boolean>> }
}): void {
  const { thread } = open
  const receipts = useReceipts(open.original)
  if (open.type === 'GROUP') useReadCounts(thread, open)
  let frame = 0

  function look(): void {
    frame = 0
    if (!thread.isOpened || !scroll.isPlaced.value || document.visibilityState !== 'visible') return
    if (open.type === 'GROUP' && document.hasFocus()) receipts.saw(inSight())
    // It is told again with the next message.
    if (scroll.isAtEnd.value && !thread.hasNewer) void markRead(open.conversationID).catch(() => undefined)
  }

  function inSight() {
    const { value: handle } = list
    if (!handle) return []
    const first = handle.findItemIndex(handle.scrollOffset)
    const last = handle.findItemIndex(handle.scrollOffset + handle.viewportSize)
    return rows.value.slice(first, last + 1).flatMap((row) => (row.kind === 'message' ? [row.message] : []))
  }

  /** With the next frame: scrolling says so many times a second. */
  function lookSoon(): void {
    frame ||= requestAnimationFrame(look)
  }

  watch([rows, scroll.isPlaced, scroll.isAtEnd, () => thread.hasNewer, list], lookSoon, { flush: 'post' })
  document.addEventListener('visibilitychange', lookSoon)
  addEventListener('focus', lookSoon)
  // The list scrolls inside; what it tells of it comes to the same.
  document.addEventListener('scroll', lookSoon, { capture: true, passive: true })
  onScopeDispose(() => {
    cancelAnimationFrame(frame)
    document.removeEventListener('visibilitychange', lookSoon)
    removeEventListener('focus', lookSoon)
    document.removeEventListener('scroll', lookSoon, { capture: true })
  })
}
