const TELL_AGAIN_MS = 4_000
const SHOW_MS = 6_000

/** When to tell the peer that I am typing, and how long to show that the peer is. */
export function createTyping({ tell, show }) {
  let toldAtMs = -Infinity
  let hideTimer

  return {
    /** The field changed. Told at most every four seconds, and once when it was emptied. */
    typed(userID, text) {
      if (text === '') return this.stopped(userID)
      if (performance.now() - toldAtMs < TELL_AGAIN_MS) return
      toldAtMs = performance.now()
      tell(userID, true)
    },
    stopped(userID) {
      if (toldAtMs === -Infinity) return
      toldAtMs = -Infinity
      tell(userID, false)
    },
    /** The peer types, or stopped, or has sent a message. */
    heard(isTyping) {
      clearTimeout(hideTimer)
      show(isTyping)
      if (isTyping) hideTimer = setTimeout(() => show(false), SHOW_MS)
    },
  }
}
