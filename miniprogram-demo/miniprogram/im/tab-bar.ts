import { words } from '../text/words'

const MOST_SHOWN = 99

/** The number of unread messages at the first tab. WeChat refuses it on pages without the tab bar: those show it later. */
export function showUnread(count: number): void {
  const quiet = { fail: () => undefined }
  if (count === 0) wx.removeTabBarBadge({ index: 0, ...quiet })
  else wx.setTabBarBadge({ index: 0, text: count > MOST_SHOWN ? `${MOST_SHOWN}+` : `${count}`, ...quiet })
}

/** In the chosen language; the words of app.json are Chinese. */
export function showTabTexts(): void {
  const { conversations, classes, contacts, me } = words().tabs
  for (const [index, text] of [conversations, classes, contacts, me].entries()) {
    wx.setTabBarItem({ index, text, fail: () => undefined })
  }
}
