import { onScopeDispose, readonly, ref, watch } from 'vue'
import { session } from '../im/session.ts'

/** Trouble that is over before this is nobody's concern. */
const NOTICED_MS = 1_000
const SHOW_CONNECTED_MS = 2_000

export type Connection = 'fine' | 'connecting' | 'disconnected' | 'connectedAgain'

/** What to tell of the connection: nothing while it is there, and nothing of hiccups. */
export function useConnection() {
  const shown = ref<Connection>('fine')
  const isOnline = ref(navigator.onLine)
  let timer: ReturnType<typeof setTimeout> | undefined
  const heardOffline = (): void => void (isOnline.value = false)
  const heardOnline = (): void => void (isOnline.value = true)

  function show(connection: Connection, { afterMs }: { readonly afterMs: number }): void {
    clearTimeout(timer)
    timer = setTimeout(() => (shown.value = connection), afterMs)
  }

  function follow(): void {
    const net = isOnline.value ? session.net : 'disconnected'
    const isTold = shown.value === 'connecting' || shown.value === 'disconnected'
    if (net !== 'connected') return show(net, { afterMs: isTold ? 0 : NOTICED_MS })
    clearTimeout(timer)
    shown.value = isTold ? 'connectedAgain' : 'fine'
    if (isTold) show('fine', { afterMs: SHOW_CONNECTED_MS })
  }

  watch([() => session.net, isOnline], follow, { immediate: true })
  addEventListener('offline', heardOffline)
  addEventListener('online', heardOnline)
  onScopeDispose(() => {
    clearTimeout(timer)
    removeEventListener('offline', heardOffline)
    removeEventListener('online', heardOnline)
  })
  return readonly(shown)
}
