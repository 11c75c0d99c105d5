import { chat } from '../../im/chat'
import type { Touch } from '../../im/events'
import { isAdmitted, whenReady } from '../../im/gate'
import { sharedGroups } from '../../im/people'
import { decoded, openChatPage, openClassPage } from '../../im/places'
import { me } from '../../im/session'
import { trying } from '../../im/tell'
import { TYPES } from '../../im/sdk'
import { words } from '../../text/words'
import type { PersonRow } from '../../views/contacts'
import { faceOf, groupFaceOf } from '../../views/face'

/** Somebody: who he is, which classes we share, and the way to talk to him. */
Page({
  data: {
    t: words().person,
    id: '',
    name: '',
    face: faceOf('', '', ''),
    signature: '',
    isMe: false,
    groups: [] as readonly PersonRow[],
  },

  onLoad({ id }: { id?: string }) {
    const userID = decoded(id)
    void wx.setNavigationBarTitle({ title: words().person.title })
    this.setData({ t: words().person, id: userID, face: faceOf(userID, userID, ''), isMe: userID === me() })
    if (isAdmitted()) void trying(() => this.load(userID))
  },

  async load(userID: string) {
    await whenReady()
    const [profile] = (await chat().getUserProfile({ userIDList: [userID] })).data
    if (profile !== undefined) {
      const { nick, avatar, selfSignature } = profile
      this.setData({ name: nick || userID, face: faceOf(userID, nick, avatar), signature: selfSignature })
    }
    const shared = await sharedGroups(userID)
    const groups = shared.map(({ groupID, name, avatar, memberCount }) => {
      const hint = words().says.memberCount(memberCount)
      return { id: groupID, name, hint, face: groupFaceOf(groupID, avatar) }
    })
    this.setData({ groups })
  },

  onSend() {
    openChatPage(`${TYPES.CONV_C2C}${this.data.id}`)
  },

  onClass({ currentTarget }: Touch<{ id: string }>) {
    openClassPage(currentTarget.dataset.id)
  },
})
