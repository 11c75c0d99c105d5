import { words } from '../text/words'
import { errorText } from './error-text'

/** A short word that goes away by itself. */
export function tell(text: string): void {
  void wx.showToast({ title: text, icon: 'none', duration: 2000 })
}

/** Runs something and tells the user when it fails. Undefined then. */
export async function trying<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run()
  } catch (error) {
    tell(errorText(error))
    return undefined
  }
}

interface Question {
  readonly title: string
  readonly hint?: string
  readonly yes?: string
}

/** Whether the user says yes. */
export function confirm({ title, hint = '', yes }: Question): Promise<boolean> {
  const { common } = words()
  return new Promise((resolve) => {
    wx.showModal({
      title,
      content: hint,
      confirmText: yes ?? common.ok,
      cancelText: common.cancel,
      confirmColor: '#0F7B6C',
      success: ({ confirm: isYes }) => resolve(isYes),
      fail: () => resolve(false),
    })
  })
}

/** Which of them the user touches; undefined for none. WeChat takes six at most. */
export function choose(names: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve) => {
    wx.showActionSheet({
      itemList: [...names],
      success: ({ tapIndex }) => resolve(tapIndex),
      fail: () => resolve(undefined),
    })
  })
}
