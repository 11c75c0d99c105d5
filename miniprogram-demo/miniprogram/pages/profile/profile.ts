import { chat } from '../../im/chat'
import type { Touch } from '../../im/events'
import { isAdmitted, whenReady } from '../../im/gate'
import { openEditPage } from '../../im/places'
import { trying } from '../../im/tell'
import { words } from '../../text/words'
import { ANIMAL_FACES } from '../../views/animal-faces'
import { faceOf } from '../../views/face'

/** What others see of me, and how to change it. */
Page({
  data: {
    t: words().profile,
    id: '',
    nick: '',
    signature: '',
    face: faceOf('', '', ''),
    faces: ANIMAL_FACES,
    isChoosing: false,
  },

  onShow() {
    void wx.setNavigationBarTitle({ title: words().profile.title })
    this.setData({ t: words().profile })
    if (isAdmitted()) void trying(() => this.load())
  },

  async load() {
    await whenReady()
    const { userID, nick, avatar, selfSignature } = (await chat().getMyProfile()).data
    this.setData({ id: userID, nick, signature: selfSignature, face: faceOf(userID, nick, avatar) })
  },

  onFaces() {
    this.setData({ isChoosing: !this.data.isChoosing })
  },

  /** An empty address: the letters of the name again. */
  async onFace({ currentTarget }: Touch<{ face: string }>) {
    const done = await trying(() => chat().updateMyProfile({ avatar: currentTarget.dataset.face }))
    if (done === undefined) return
    this.setData({ isChoosing: false })
    await trying(() => this.load())
  },

  onNick() {
    openEditPage('nick')
  },

  onSignature() {
    openEditPage('signature')
  },
})
