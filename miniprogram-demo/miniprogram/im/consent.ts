import { words } from '../text/words'
import { isCancelled, isDenied, needsConsent } from './promise'
import { confirm, tell } from './tell'

/** A call of `wx` that uses album, camera, microphone, files or clipboard. */
type PrivateCall<T> = () => Promise<T>

/**
 * Runs a private call. Without consent to the privacy notice (errno 104) it explains, lets WeChat ask, and tries
 * once more; where the user denied the permission before, it offers the settings. Undefined when there is no result.
 */
export async function withConsent<T>(call: PrivateCall<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (isCancelled(error)) return undefined
    if (needsConsent(error)) return (await askConsent()) ? again(call) : undefined
    await explain(error)
    return undefined
  }
}

async function again<T>(call: PrivateCall<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (!isCancelled(error)) await explain(error)
    return undefined
  }
}

async function explain(error: unknown): Promise<void> {
  if (!isDenied(error)) return tell(words().errors.failed)
  await offerSettings(words().errors.notAllowed)
}

/** What was denied once is allowed in WeChat's settings only. */
export async function offerSettings(title: string): Promise<void> {
  if (await confirm({ title, yes: words().chat.openSettings })) void wx.openSetting({})
}

/** Explains and lets WeChat ask. Whether the user has agreed. */
export async function askConsent(): Promise<boolean> {
  const { privacyAsk, common } = words()
  if (!(await confirm({ title: privacyAsk.title, hint: privacyAsk.hint, yes: common.retry }))) return false
  return new Promise((resolve) => {
    // Older versions of WeChat know no notice, and then want no consent.
    if (!wx.requirePrivacyAuthorize) return resolve(true)
    wx.requirePrivacyAuthorize({ success: () => resolve(true), fail: () => resolve(false) })
  })
}
