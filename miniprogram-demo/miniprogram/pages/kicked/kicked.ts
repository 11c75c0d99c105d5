import { startAtConversations } from '../../im/places'
import { session, signInAgain, signOut } from '../../im/session'
import { words } from '../../text/words'

/** Why the user is signed out, and the way back. */
Page({
  data: { t: words().kicked, why: '' },

  onLoad() {
    const { kicked } = words()
    const current = session.get()
    const reasons: { readonly [reason: string]: string } = kicked.reasons
    const why = current.state === 'kicked' ? reasons[current.reason] : undefined
    this.setData({ t: kicked, why: why ?? kicked.reasons.userSigExpired })
  },

  onAgain() {
    signInAgain()
    startAtConversations()
  },

  async onOther() {
    await signOut()
    void wx.reLaunch({ url: '/pages/sign-in/sign-in' })
  },
})
