import { readConfig } from '../../config'
import { chat, isReady, totalUnread } from '../../im/chat'
import { askForReminder, remindersLeft } from '../../im/reminders'
import { isAdmitted } from '../../im/gate'
import { hold, release } from '../../im/held'
import { openPlainPage } from '../../im/places'
import { signOut } from '../../im/session'
import { showTabTexts, showUnread } from '../../im/tab-bar'
import { choose, confirm, tell, trying } from '../../im/tell'
import { chooseLanguage, language, words } from '../../text/words'
import { faceOf } from '../../views/face'

const LANGUAGES = ['zh', 'en'] as const

/** Me, and how I want it. */
Page({
  data: {
    t: words().me,
    id: '',
    nick: '',
    face: faceOf('', '', ''),
    languageName: '',
    reminders: '',
    hasReminders: false,
  },

  onLoad() {
    if (!isAdmitted()) return
    hold(
      this,
      isReady.subscribe((ready) => {
        if (ready) void trying(() => this.load())
      }),
    )
  },

  onShow() {
    if (!isAdmitted()) return
    this.showWords()
    showUnread(totalUnread.get())
    if (isReady.get()) void trying(() => this.load())
  },

  onUnload() {
    release(this)
  },

  showWords() {
    const { me: t } = words()
    void wx.setNavigationBarTitle({ title: t.title })
    this.setData({
      t,
      languageName: language() === 'zh' ? '简体中文' : 'English',
      reminders: `${t.notifyLeft} ${remindersLeft()} ${t.times}`,
      hasReminders: readConfig().templateIDs.length > 0,
    })
  },

  async load() {
    const { userID, nick, avatar } = (await chat().getMyProfile()).data
    this.setData({ id: userID, nick: nick || userID, face: faceOf(userID, nick, avatar) })
  },

  onProfile() {
    openPlainPage('profile')
  },

  /** WeChat wants a real touch: nothing is awaited before the call. */
  async onReminders() {
    const { notifyOff, notifyRefused } = words().me
    if (!this.data.hasReminders) return tell(notifyOff)
    if ((await askForReminder()) === 0) tell(notifyRefused)
    this.showWords()
  },

  async onLanguage() {
    const index = await choose(['简体中文', 'English'])
    const chosen = index === undefined ? undefined : LANGUAGES[index]
    if (chosen === undefined || chosen === language()) return
    chooseLanguage(chosen)
    showTabTexts()
    this.showWords()
  },

  onAbout() {
    openPlainPage('about')
  },

  onPrivacy() {
    openPlainPage('privacy')
  },

  async onSignOut() {
    const { signOutTitle, signOutHint, signOut: yes } = words().me
    if (!(await confirm({ title: signOutTitle, hint: signOutHint, yes }))) return
    await trying(signOut)
    void wx.reLaunch({ url: '/pages/sign-in/sign-in' })
  },
})
