import { TYPES } from '../api.js'
import { h } from '../dom.js'
import { t } from '../i18n.js'

const SHOW_ONLINE_MS = 2_000

/** The line about the connection, and short-lived notes. */
export function createStatusView() {
  const banner = h('div', { class: 'banner', role: 'status' })
  const toast = h('div', { class: 'toast', role: 'alert' })
  let net = TYPES.NET_STATE_CONNECTED
  let hideTimer

  function show(kind, text) {
    banner.dataset.kind = kind
    banner.textContent = text
  }

  function renderNet(state) {
    const hasChanged = state.net !== net
    net = state.net
    if (net === TYPES.NET_STATE_CONNECTING) show('warning', t('reconnecting'))
    else if (net === TYPES.NET_STATE_DISCONNECTED) show('warning', t('offline'))
    else if (hasChanged) {
      show('fine', t('online'))
      hideTimer = setTimeout(() => show('none', ''), SHOW_ONLINE_MS)
      return
    }
    if (hasChanged) clearTimeout(hideTimer)
  }

  return {
    element: h('div', { class: 'status' }, banner, toast),
    render(state) {
      if (state.phase !== 'signed-out') renderNet(state)
      toast.textContent = state.toast ?? ''
    },
  }
}
