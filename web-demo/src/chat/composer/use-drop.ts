import { onMounted, onScopeDispose, ref, type Ref } from 'vue'
import { filesIn } from './use-files.ts'

/** Files can be dropped anywhere on the pane around this element. `place` is where the pane is while they hover over it. */
export function useDrop(inner: Readonly<Ref<HTMLElement | null>>, take: (files: readonly File[]) => void) {
  const place = ref<DOMRect>()
  const leaving = new AbortController()
  const { signal } = leaving

  function over(event: DragEvent): void {
    if (!hasFiles(event)) return
    event.preventDefault()
    const box = inner.value?.parentElement?.getBoundingClientRect()
    const { clientX: x, clientY: y } = event
    const isOver = box !== undefined && x >= box.left && x <= box.right && y >= box.top && y <= box.bottom
    place.value = isOver ? box : undefined
    if (event.dataTransfer) event.dataTransfer.dropEffect = isOver ? 'copy' : 'none'
  }

  function drop(event: DragEvent): void {
    if (!hasFiles(event)) return
    // Beside the pane the browser would leave the page and show the file.
    event.preventDefault()
    const isOver = place.value !== undefined
    place.value = undefined
    const files = isOver && event.dataTransfer ? filesIn(event.dataTransfer) : []
    if (files.length > 0) take(files)
  }

  function leave(event: DragEvent): void {
    // Out of the window: what it enters is nothing.
    if (event.relatedTarget === null) place.value = undefined
  }

  onMounted(() => {
    window.addEventListener('dragover', over, { signal })
    window.addEventListener('drop', drop, { signal })
    window.addEventListener('dragleave', leave, { signal })
  })
  onScopeDispose(() => leaving.abort())
  return { place }
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true
}
