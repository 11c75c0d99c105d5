import { computed, nextTick, ref, type Ref } from 'vue'
import type { Row } from './thread-rows.ts'

/** One message is reached by Tab, the arrow keys move from it to the others, the menu key opens its menu. */
export function useRowFocus({
  rows,
  scroller,
}: {
  readonly rows: Readonly<Ref<readonly Row[]>>
  readonly scroller: Readonly<Ref<HTMLElement | null>>
}) {
  const focusedID = ref('')
  /** Until one was focused, the newest. */
  const currentID = computed(() => {
    const isThere = rows.value.some(({ key }) => key === focusedID.value)
    return isThere ? focusedID.value : (rows.value.findLast(({ kind }) => kind === 'message')?.key ?? '')
  })
  /** The focused one stays in the document when it is scrolled out of sight, or the focus would be lost. */
  const kept = computed(() => {
    const index = focusedID.value === '' ? -1 : rows.value.findIndex(({ key }) => key === focusedID.value)
    return index < 0 ? [] : [index]
  })

  function follow(event: FocusEvent): void {
    const ID =
      event.target instanceof Element ? event.target.closest<HTMLElement>('[data-id]')?.dataset['id'] : undefined
    if (ID !== undefined) focusedID.value = ID
  }

  function moveByKey(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLElement) || event.target.dataset['id'] === undefined) return
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      event.preventDefault()
      event.target.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }))
      return
    }
    const next = nextRow(event.key)
    if (next === undefined) return
    event.preventDefault()
    void focus(next)
  }

  function nextRow(key: string): number | undefined {
    const all = rows.value
    const here = all.findIndex((row) => row.key === currentID.value)
    const isMessage = (row: Row): boolean => row.kind === 'message'
    const index =
      key === 'ArrowUp'
        ? all.slice(0, here).findLastIndex(isMessage)
        : key === 'ArrowDown'
          ? all.findIndex((row, at) => at > here && isMessage(row))
          : key === 'Home'
            ? all.findIndex(isMessage)
            : key === 'End'
              ? all.findLastIndex(isMessage)
              : -1
    return index >= 0 ? index : undefined
  }

  async function focus(index: number): Promise<void> {
    const ID = rows.value[index]?.key
    if (ID === undefined) return
    focusedID.value = ID
    // It is kept in the document from now on, wherever it stands.
    await nextTick()
    const row = scroller.value?.querySelector<HTMLElement>(`[data-id="${CSS.escape(ID)}"]`)
    row?.focus({ preventScroll: true })
    row?.scrollIntoView({ block: 'nearest' })
  }

  return { currentID, kept, follow, moveByKey }
}
