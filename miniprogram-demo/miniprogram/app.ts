import { totalUnread } from './im/chat'
import { restore, retryNow, session } from './im/session'
import { showTabTexts, showUnread } from './im/tab-bar'

App({
  onLaunch() {
    restore()
    wx.onNetworkStatusChange(({ isConnected }) => {
      if (isConnected) retryNow()
    })
    session.subscribe(({ state }) => {
      if (state === 'kicked') void wx.reLaunch({ url: '/pages/kicked/kicked' })
    })
    totalUnread.subscribe(showUnread)
    showTabTexts()
  },

  onShow() {
    retryNow()
  },
})
