/** As long as a finger rests before a menu opens, on phones whose browsers open none themselves. */
const REST_MS = 500
/** A finger that moves further scrolls. */
const STILL_PX = 10

/** Listeners for an element: calls back where a finger rested on it. */
export function useLongPress(rested: (at: { readonly x: number; readonly y: number }) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let from = { x: 0, y: 0 }
  const end = (): void => clearTimeout(timer)
  return {
    pointerdown(event: PointerEvent): void {
      end()
      if (event.pointerType !== 'touch') return
      from = { x: event.clientX, y: event.clientY }
      timer = setTimeout(() => rested(from), REST_MS)
    },
    pointermove(event: PointerEvent): void {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > STILL_PX) end()
    },
    pointerup: end,
    pointercancel: end,
    pointerleave: end,
  }
}
