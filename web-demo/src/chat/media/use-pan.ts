import { computed, ref } from 'vue'

const MAX_ZOOM = 12
const MIN_ZOOM = 0.2
const WHEEL_STEP = 1.0015

/** How a picture is turned, enlarged and shifted on its stage. 1 fits it in. */
export function usePan() {
  const zoom = ref(1)
  const degrees = ref(0)
  const x = ref(0)
  const y = ref(0)
  /** Shown pixels for one pixel of the picture, at zoom 1. */
  const fitted = ref(1)
  let grip: { readonly id: number; readonly x: number; readonly y: number } | undefined

  function fit(): void {
    zoom.value = 1
    degrees.value = 0
    x.value = 0
    y.value = 0
  }

  function zoomBy(factor: number): void {
    const next = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom.value * factor))
    // What was in the middle stays there.
    x.value *= next / zoom.value
    y.value *= next / zoom.value
    zoom.value = next
    if (next <= 1) x.value = y.value = 0
  }

  function startPan(event: PointerEvent): void {
    if (event.button !== 0 || zoom.value <= 1 || !(event.currentTarget instanceof Element)) return
    if (event.target instanceof Element && event.target.closest('button')) return
    event.currentTarget.setPointerCapture(event.pointerId)
    grip = { id: event.pointerId, x: event.clientX - x.value, y: event.clientY - y.value }
  }

  function pan(event: PointerEvent): void {
    if (grip?.id !== event.pointerId) return
    x.value = event.clientX - grip.x
    y.value = event.clientY - grip.y
  }

  return {
    zoom,
    fit,
    zoomBy,
    zoomAt: ({ deltaY }: WheelEvent) => zoomBy(WHEEL_STEP ** -deltaY),
    turn: () => (degrees.value += 90),
    startPan,
    pan,
    endPan: () => (grip = undefined),
    measureFrom({ target }: Event): void {
      if (target instanceof HTMLImageElement) fitted.value = target.offsetWidth / (target.naturalWidth || 1)
    },
    percent: computed(() => Math.round(zoom.value * fitted.value * 100)),
    transform: computed(() => `translate(${x.value}px, ${y.value}px) rotate(${degrees.value}deg) scale(${zoom.value})`),
  }
}
