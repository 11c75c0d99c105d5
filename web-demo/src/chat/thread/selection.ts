import type { ShallowRef } from 'vue'
import { toggled } from './selection-rules.ts'
import { selectionWords as words } from './words.ts'
import { toastInfo } from '../../parts/toast.ts'

/** As many as TIM deletes at once, and few enough to read. */
const MOST_CHOSEN = 30

/** Puts a message among those that are chosen, or takes it away. */
export function useToggle(selection: ShallowRef<ReadonlySet<string> | undefined>): (ID: string) => void {
  return (ID) => {
    const next = toggled(selection.value ?? new Set(), ID)
    if (next.size > MOST_CHOSEN) toastInfo(words.value.tooMany(MOST_CHOSEN))
    else selection.value = next
  }
}
