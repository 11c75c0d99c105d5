import type { Builtin, BuiltinFace, BuiltinLife } from './define-builtin.ts'

const SETTLE_MS = 100
const COLUMN = 'wx-picker-view-column'

/** `<picker-view>`: columns that scroll and snap; the row in the middle is the value. */
export const PICKER_VIEWS: readonly Builtin[] = [
  {
    tag: 'picker-view',
    boxes: ['wx-picker-view-box'],
    properties: {
      value: [Array, []],
      maskClass: [String, ''],
      indicatorStyle: [String, ''],
      indicatorClass: [String, ''],
      maskStyle: [String, ''],
      immediateChange: [Boolean, false],
    },
    create: createPickerView,
  },
  { tag: 'picker-view-column', boxes: ['wx-picker-column', 'wx-picker-column-content'] },
]

function createPickerView(face: BuiltinFace): BuiltinLife {
  const { dom, text, trigger } = face
  const indicator = document.createElement('div')
  indicator.className = 'wx-picker-view-indicator'
  dom.append(indicator)
  const columns = (): readonly HTMLElement[] => [...dom.querySelectorAll<HTMLElement>(`${COLUMN} > .wx-picker-column`)]
  const rowHeight = (): number => indicator.getBoundingClientRect().height || 34
  let timer: ReturnType<typeof setTimeout> | undefined
  let isPicking = false
  const valueNow = (): readonly number[] => columns().map((column) => Math.round(column.scrollTop / rowHeight()))
  const settle = (): void => {
    const value = valueNow()
    const before: unknown = face.value('value')
    if (isPicking) trigger('pickend', {})
    isPicking = false
    if (JSON.stringify(before) === JSON.stringify(value)) return
    face.set({ value })
    trigger('change', { value })
  }
  dom.addEventListener(
    'scroll',
    () => {
      if (!isPicking) trigger('pickstart', {})
      isPicking = true
      clearTimeout(timer)
      timer = setTimeout(settle, SETTLE_MS)
    },
    { capture: true, passive: true },
  )
  const show = (): void => {
    indicator.style.cssText = text('indicatorStyle')
    dom.style.setProperty('--wx-picker-row', `${rowHeight()}px`)
    const value: unknown = face.value('value')
    columns().forEach((column, index) => {
      column.scrollTop = Number(Array.isArray(value) ? value[index] : 0) * rowHeight()
    })
  }
  return { attached: () => requestAnimationFrame(show), changed: () => requestAnimationFrame(show) }
}
