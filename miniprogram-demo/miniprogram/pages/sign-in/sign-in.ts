import { errorText } from '../../im/error-text'
import { decoded, openPlainPage, startAtConversations } from '../../im/places'
import { askSchool, type DemoUser, type School } from '../../im/school'
import { signIn, type Account } from '../../im/session'
import { showTabTexts } from '../../im/tab-bar'
import { tell } from '../../im/tell'
import { chooseLanguage, language, words } from '../../text/words'
import { faceOf, type Face } from '../../views/face'
import type { Touch, Typed } from '../../im/events'

const AGREED = 'agreedToPrivacy'

/** Who are you? A touch in the demo; account and signature elsewhere. */
Page({
  data: {
    t: words().signIn,
    app: words().app,
    retry: words().common.retry,
    other: '',
    users: [] as readonly UserRow[],
    isLoading: true,
    isDemo: false,
    hasDemo: false,
    isAgreed: false,
    isBusy: false,
    userID: '',
    userSig: '',
    error: '',
  },

  /** Where to go afterwards: somebody may have come through a share card. */
  next: '',
  school: undefined as School | undefined,

  onLoad({ next }: { next?: string }) {
    this.next = decoded(next)
    this.setData({ isAgreed: wx.getStorageSync<unknown>(AGREED) === true })
    this.showWords()
    // WeChat offers a way home on such a page; there is none before signing in.
    void wx.hideHomeButton()
    void this.askSchool()
  },

  /** Which application it is, and whether there are demo users: the server knows. */
  async askSchool() {
    this.setData({ isLoading: true, error: '' })
    try {
      this.school = await askSchool()
      const hasDemo = this.school.demoUsers.length > 0
      this.setData({ isLoading: false, hasDemo, isDemo: hasDemo })
      this.showWords()
    } catch (error) {
      this.setData({ isLoading: false, error: errorText(error) })
    }
  },

  onRetry() {
    void this.askSchool()
  },

  showWords() {
    const { signIn: t, app, common } = words()
    const users = parentsFirst(this.school?.demoUsers ?? []).map((user) => userRow(user, t.roles))
    this.setData({ t, app, users, retry: common.retry, other: language() === 'zh' ? 'English' : '中文' })
  },

  onLanguage() {
    chooseLanguage(language() === 'zh' ? 'en' : 'zh')
    showTabTexts()
    this.showWords()
  },

  onAgree() {
    const isAgreed = !this.data.isAgreed
    this.setData({ isAgreed, error: '' })
    void wx.setStorage({ key: AGREED, data: isAgreed })
  },

  onPrivacy() {
    openPlainPage('privacy')
  },

  onSwitch() {
    this.setData({ isDemo: !this.data.isDemo, error: '' })
  },

  onField({ currentTarget, detail }: Typed<{ field: 'userID' | 'userSig' }>) {
    this.setData({ [currentTarget.dataset.field]: detail.value.trim(), error: '' })
  },

  async onUser({ currentTarget }: Touch<{ id: string }>) {
    await this.enter({ kind: 'demo', userID: currentTarget.dataset.id })
  },

  async onSubmit() {
    const { userID, userSig, hasDemo } = this.data
    // A demo server signs for anybody: without a signature it is asked for one.
    if (userID !== '' && userSig === '' && hasDemo) return this.enter({ kind: 'demo', userID })
    if (userID === '' || userSig === '' || this.school === undefined) return
    await this.enter({ kind: 'signed', userID, userSig, sdkAppID: this.school.sdkAppID })
  },

  async enter(account: Account) {
    if (this.data.isBusy) return
    if (!this.data.isAgreed) return tell(words().signIn.mustAgree)
    this.setData({ isBusy: true, error: '' })
    try {
      await signIn(account)
      if (this.next === '') startAtConversations()
      else void wx.reLaunch({ url: this.next })
    } catch (error) {
      this.setData({ isBusy: false, error: errorText(error) })
    }
  },
})

interface UserRow {
  readonly userID: string
  readonly name: string
  readonly role: string
  readonly face: Face
}

/** It is their application. */
function parentsFirst(users: readonly DemoUser[]): readonly DemoUser[] {
  const isParent = ({ role }: DemoUser): boolean => role === 'parent'
  return [...users.filter(isParent), ...users.filter((user) => !isParent(user))]
}

function userRow({ userID, nick, role }: DemoUser, roles: { readonly [role: string]: string }): UserRow {
  return { userID, name: nick, role: roles[role] ?? role, face: faceOf(userID, nick, '') }
}
