import { chat, conversations, groups } from '../../im/chat'
import type { Told } from '../../im/events'
import { isAdmitted, whenReady } from '../../im/gate'
import { hold, release } from '../../im/held'
import { membersOf } from '../../im/people'
import { decoded, joinPath, openChatPage, openEditPage, openMembersPage, startAtConversations } from '../../im/places'
import { confirm, tell, trying } from '../../im/tell'
import { TYPES, type Group } from '../../im/sdk'
import { words } from '../../text/words'
import { leads, personOf, personRow, type PersonRow } from '../../views/contacts'
import { isMuted } from '../../views/conversation-row'
import { groupFaceOf, type Face } from '../../views/face'

const FACES = 10

const NOBODY: Face = { url: '', letters: '', tone: 0 }

/** A class: its notice, its members, and what I want of it. */
Page({
  data: {
    t: words().class,
    id: '',
    name: '',
    count: '',
    face: NOBODY,
    notice: '',
    introduction: '',
    card: '',
    isLeader: false,
    isOwner: false,
    isMuted: false,
    isPinned: false,
    isAllMuted: false,
    people: [] as readonly PersonRow[],
  },

  conversationID: '',

  onLoad({ id }: { id?: string }) {
    const groupID = decoded(id)
    this.conversationID = `${TYPES.CONV_GROUP}${groupID}`
    void wx.setNavigationBarTitle({ title: words().class.title })
    this.setData({ t: words().class, id: groupID })
    if (isAdmitted()) void this.open()
  },

  async open() {
    await whenReady()
    const show = (): void => this.show()
    hold(this, groups.subscribe(show), conversations.subscribe(show))
    await trying(() => this.findPeople())
  },

  onUnload() {
    release(this)
  },

  show() {
    const group = groups.get().find(({ groupID }) => groupID === this.data.id)
    if (group === undefined) return
    const isPinned = conversations.get().some((one) => one.conversationID === this.conversationID && one.isPinned)
    this.setData({ ...factsOf(group), isPinned })
  },

  async findPeople() {
    const members = await membersOf(this.data.id)
    const rows = members.slice(0, FACES).map((member) => personRow(personOf(member, { name: '' }, words())))
    this.setData({ people: rows })
  },

  onMembers() {
    openMembersPage(this.data.id)
  },

  onNotice() {
    if (this.data.isLeader) openEditPage('notice', this.data.id)
  },

  onName() {
    if (this.data.isLeader) openEditPage('className', this.data.id)
  },

  onCard() {
    openEditPage('card', this.data.id)
  },

  async onMute({ detail }: Told<{ value: boolean }>) {
    const messageRemindType = detail.value ? TYPES.MSG_REMIND_ACPT_NOT_NOTE : TYPES.MSG_REMIND_ACPT_AND_NOTE
    this.setData({ isMuted: detail.value })
    await trying(() => chat().setMessageRemindType({ groupID: this.data.id, messageRemindType }))
    this.show()
  },

  async onPin({ detail }: Told<{ value: boolean }>) {
    const { conversationID } = this
    this.setData({ isPinned: detail.value })
    await trying(async () => {
      // A conversation that was removed from the list is made again first.
      await chat().getConversationProfile(conversationID)
      await chat().pinConversation({ conversationID, isPinned: detail.value })
    })
    this.show()
  },

  async onMuteAll({ detail }: Told<{ value: boolean }>) {
    this.setData({ isAllMuted: detail.value })
    await trying(() => chat().updateGroupProfile({ groupID: this.data.id, muteAllMembers: detail.value }))
    this.show()
  },

  async onClear() {
    const { clearTitle, clearHint, cleared } = words().class
    if (!(await confirm({ title: clearTitle, hint: clearHint }))) return
    const done = await trying(() => chat().clearHistoryMessage(this.conversationID))
    if (done !== undefined) tell(cleared)
  },

  async onLeave() {
    const { leaveTitle, leaveHint, leave, ownerCannotLeave } = words().class
    if (this.data.isOwner) return tell(ownerCannotLeave)
    if (!(await confirm({ title: leaveTitle, hint: leaveHint, yes: leave }))) return
    const done = await trying(() => chat().quitGroup(this.data.id))
    if (done !== undefined) startAtConversations()
  },

  onEnter() {
    openChatPage(this.conversationID)
  },

  onShareAppMessage(): WechatMiniprogram.Page.ICustomShareContent {
    const { id, name } = this.data
    return { title: words().says.invite(name), path: joinPath(id) }
  },
})

function factsOf({ groupID, name, avatar, memberCount, notification, introduction, muteAllMembers, selfInfo }: Group) {
  return {
    name,
    count: words().says.memberCount(memberCount),
    face: groupFaceOf(groupID, avatar),
    notice: notification,
    introduction,
    card: selfInfo.nameCard,
    isLeader: leads(selfInfo.role),
    isOwner: selfInfo.role === TYPES.GRP_MBR_ROLE_OWNER,
    isMuted: isMuted(selfInfo.messageRemindType),
    isAllMuted: muteAllMembers,
  }
}
