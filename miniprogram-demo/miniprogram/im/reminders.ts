import { readConfig } from '../config'

/**
 * Subscription messages: WeChat's only way to reach somebody whose mini-program is closed. One consent is worth one
 * message. How many are left is counted on this device: sending them is the task of the school's back end, which has
 * the AppSecret.
 */
const KEY = 'remindersLeft'

export function remindersLeft(): number {
  const stored = wx.getStorageSync<unknown>(KEY)
  return typeof stored === 'number' ? stored : 0
}

/** Asks WeChat's question. Resolves with how many messages the user has agreed to just now. */
export function askForReminder(): Promise<number> {
  const tmplIds = [...readConfig().templateIDs]
  return new Promise((resolve) => {
    wx.requestSubscribeMessage({
      tmplIds,
      success: (answers) => {
        const given: { readonly [templateID: string]: unknown } = { ...answers }
        const count = tmplIds.filter((id) => given[id] === 'accept').length
        if (count > 0) wx.setStorageSync(KEY, remindersLeft() + count)
        resolve(count)
      },
      fail: () => resolve(0),
    })
  })
}
