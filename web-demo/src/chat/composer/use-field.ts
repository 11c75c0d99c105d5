import { nextTick, ref, watch, type Ref } from 'vue'
import type { Edited } from './mention-rules.ts'

const MAX_HEIGHT_PX = 200

/** The text that is being written, in a field that grows with it. */
export function useField(element: Readonly<Ref<HTMLTextAreaElement | null>>) {
  const text = ref('')

  function fit(): void {
    const field = element.value
    if (!field) return
    field.style.height = 'auto'
    field.style.height = `${Math.min(field.scrollHeight, MAX_HEIGHT_PX)}px`
  }

  watch([text, element], () => void nextTick(fit))

  async function replace({ text: next, caret }: Edited): Promise<void> {
    text.value = next
    await nextTick()
    element.value?.setSelectionRange(caret, caret)
  }

  /** In place of what is selected. The focus stays where it is: there may be more to insert from there. */
  async function insert(inserted: string): Promise<void> {
    const { selectionStart = text.value.length, selectionEnd = text.value.length } = element.value ?? {}
    const before = text.value.slice(0, selectionStart) + inserted
    await replace({ text: before + text.value.slice(selectionEnd), caret: before.length })
  }

  /** To be changed and sent, with the caret at the end. */
  async function put(next: string): Promise<void> {
    await replace({ text: next, caret: next.length })
    element.value?.focus()
  }

  return {
    text,
    insert,
    replace,
    put,
    caret: () => element.value?.selectionStart ?? text.value.length,
    focus: () => element.value?.focus(),
  }
}
