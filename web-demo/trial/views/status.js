import { TYPES } from '../api.js'
import { h } from '../dom.js'
import { t } from '../i18n.js'

const SHOW_ONLINE_MS = 2_000

/** The line about the connection, and short-lived notes. */
export function createStatusView() {
  const banner = h('div', { class: 'banner', role: 'status' })
  const toast = h('div', { class: 'toast', role: 'alert' })
  let shown = TYPES.NET_STATE_CONNECTED
  let hideTimer

  function show(kind, text) {
    banner.dataset.kind = kind
    banner.textContent = text
  }

  function renderNet({ net, isOffline }) {
    const current = isOffline ? TYPES.NET_STATE_DISCONNECTED : net
    if (current === shown) return
    shown = current
    clearTimeout(hideTimer)
    if (shown === TYPES.NET_STATE_CONNECTING) return show('warning', t('reconnecting'))
    if (shown === TYPES.NET_STATE_DISCONNECTED) return show('warning', t('offline'))
    show('fine', t('online'))
    hideTimer = setTimeout(() => show('none', ''), SHOW_ONLINE_MS)
  }

  return {
    element: h('div', { class: 'status' }, banner, toast),
    render(state) {
      if (state.phase !== 'signed-out') renderNet(state)
      toast.textContent = state.toast ?? ''
    },
  }
}
