import type { BuiltinFace, Property } from './define-builtin.ts'

/** Properties of everything that changes its look under a finger. */
export function hoverProperties(
  hoverClass: string,
  startMs: number,
  stayMs: number,
): Readonly<Record<string, Property>> {
  return {
    hoverClass: [String, hoverClass],
    hoverStopPropagation: [Boolean, false],
    hoverStartTime: [Number, startMs],
    hoverStayTime: [Number, stayMs],
  }
}

const HOVERED = new WeakSet<Event>()

/** Puts `hover-class` on the component while it is touched. `isOff`: a disabled button shows none. */
export function followHover(face: BuiltinFace, isOff: () => boolean = () => false): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const show = (on: boolean): void => {
    const name = face.text('hoverClass')
    if (name === '' || name === 'none') return
    // The default classes are ours, any other is the app's and bears its style scope.
    if (/^(button-hover|navigator-hover)$/.test(name)) face.dom.classList.toggle(name, on)
    else for (const each of name.split(/\s+/)) face.component.toggleNodeClass(each, on)
  }
  const start = (event: Event): void => {
    if (isOff() || HOVERED.has(event)) return
    if (face.flag('hoverStopPropagation')) HOVERED.add(event)
    clearTimeout(timer)
    timer = setTimeout(() => show(true), face.number('hoverStartTime'))
  }
  const end = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => show(false), face.number('hoverStayTime'))
  }
  for (const name of ['touchstart', 'mousedown']) face.dom.addEventListener(name, start, { passive: true })
  for (const name of ['touchend', 'touchcancel', 'mouseup', 'mouseleave'])
    face.dom.addEventListener(name, end, { passive: true })
}
