const WINDOW_MS = 300

/**
 * Joins wakes that come in a bunch (foreground and network at once): the first passes at once, and if more came within
 * the window one more passes at its end.
 */
export function joinWakes(wake: () => void): { readonly wake: () => void; readonly stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let hasMore = false
  let isStopped = false
  const close = (): void => {
    timer = undefined
    if (!hasMore) return
    hasMore = false
    wake()
  }
  return {
    wake: () => {
      if (isStopped) return
      if (timer !== undefined) {
        hasMore = true
        return
      }
      timer = setTimeout(close, WINDOW_MS)
      wake()
    },
    // Platforms that cannot take a listener off go on calling it.
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
