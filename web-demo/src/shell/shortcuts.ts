import { onScopeDispose, ref } from 'vue'
import { router } from '../router.ts'
import { listedConversations } from '../im/conversations.ts'

/** Grows when the search field is wanted; the list watches it. */
export const searchWanted = ref(0)
export const isShortcutListOpen = ref(false)

/** The keys that work wherever the focus is. */
export function useShortcuts(): void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return
    const run = shortcutFor(event)
    if (!run) return
    event.preventDefault()
    run()
  }
  addEventListener('keydown', press)
  onScopeDispose(() => removeEventListener('keydown', press))
}

function shortcutFor(event: KeyboardEvent): (() => void) | undefined {
  const { key, altKey, shiftKey } = event
  const isCommand = event.ctrlKey || event.metaKey
  if (isCommand && !altKey && !shiftKey && key.toLowerCase() === 'k') return wantSearch
  if (altKey && !isCommand && key === 'ArrowDown') return () => openNeighbour(1)
  if (altKey && !isCommand && key === 'ArrowUp') return () => openNeighbour(-1)
  if (isCommand || altKey) return undefined
  if (key === '?' && !isWriting(event.target)) return () => (isShortcutListOpen.value = true)
  if (key === 'Escape' && isPlaceToLeave()) return () => void router.push('/chats')
  return undefined
}

function wantSearch(): void {
  searchWanted.value++
  const { name } = router.currentRoute.value
  if (name !== 'chats' && name !== 'notices') void router.push('/chats')
}

function openNeighbour(step: number): void {
  const all = listedConversations.value
  const open = router.currentRoute.value.params['conversationID']
  const index = all.findIndex(({ conversationID }) => conversationID === open)
  const next = index < 0 ? all[0] : all[index + step]
  if (next) void router.push({ name: 'chats', params: { conversationID: next.conversationID } })
}

function isPlaceToLeave(): boolean {
  const { name, params } = router.currentRoute.value
  return name === 'notices' || (name === 'chats' && !!params['conversationID'])
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
}
