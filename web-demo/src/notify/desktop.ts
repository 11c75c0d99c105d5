/** What the browser says about notifications; `absent` where it has none, as on iPhones outside the home screen. */
export type Permission = NotificationPermission | 'absent'

const SHOWN_MS = 8_000

export function notificationPermission(): Permission {
  return 'Notification' in globalThis ? Notification.permission : 'absent'
}

/** Only from a click: browsers refuse what nobody asked for. */
export async function askPermission(): Promise<Permission> {
  if (notificationPermission() !== 'default') return notificationPermission()
  return Notification.requestPermission()
}

export interface DesktopNote {
  readonly title: string
  /** Empty when the reader wants nothing of it on the screen. */
  readonly body: string
  readonly icon: string | undefined
  /** A later note of the same conversation takes the place of an earlier one. */
  readonly conversationID: string
  readonly open: () => void
}

/** Shows it where the browser allows. */
export function showNote({ title, body, icon, conversationID, open }: DesktopNote): void {
  if (notificationPermission() !== 'granted') return
  try {
    const note = new Notification(title, { body, tag: conversationID, silent: true, ...(icon ? { icon } : {}) })
    note.addEventListener('click', () => {
      window.focus()
      open()
      note.close()
    })
    setTimeout(() => note.close(), SHOWN_MS)
  } catch {
    // Chrome on Android has the name and wants a service worker.
  }
}
