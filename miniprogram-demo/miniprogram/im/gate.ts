import { isReady } from './chat'
import { session } from './session'

/** Sends who is not signed in to the sign-in page, and brings him back to `path` afterwards. True: he is, or soon will be. */
export function isAdmitted(path = ''): boolean {
  const { state } = session.get()
  if (state === 'kicked') return false
  if (state !== 'signedOut') return true
  void wx.reLaunch({ url: `/pages/sign-in/sign-in?next=${encodeURIComponent(path)}` })
  return false
}

/** Resolves when the SDK has its lists; at once when it has them already. */
export function whenReady(): Promise<void> {
  return new Promise((resolve) => {
    if (isReady.get()) return resolve()
    const end = isReady.subscribe((ready) => {
      if (!ready) return
      resolve()
      end()
    })
  })
}
