import { chat, groups } from '../../im/chat'
import { codeOf, errorText } from '../../im/error-text'
import type { Typed } from '../../im/events'
import { isAdmitted, whenReady } from '../../im/gate'
import { decoded, joinPath, openChatPage } from '../../im/places'
import { TYPES, type Group } from '../../im/sdk'
import { words } from '../../text/words'
import { groupFaceOf, type Face } from '../../views/face'

interface Found {
  readonly id: string
  readonly name: string
  readonly hint: string
  readonly face: Face
}

const NOT_FOUND = ['10010', '10015']
const BY_INVITATION = '10007'

/** Into a class by its ID, or by the card somebody shared. */
Page({
  data: {
    t: words().join,
    id: '',
    note: '',
    /** 'find' a class; one to 'apply' to was found; 'waiting' for a teacher; 'in'. */
    step: 'find',
    found: null as Found | null,
    needsNote: true,
    isBusy: false,
    error: '',
  },

  onLoad({ id }: { id?: string }) {
    const groupID = decoded(id)
    void wx.setNavigationBarTitle({ title: words().join.title })
    this.setData({ t: words().join, id: groupID })
    if (isAdmitted(joinPath(groupID)) && groupID !== '') void this.find()
  },

  onID({ detail }: Typed) {
    this.setData({ id: detail.value.trim(), step: 'find', found: null, error: '' })
  },

  onNote({ detail }: Typed) {
    this.setData({ note: detail.value })
  },

  onFind() {
    void this.find()
  },

  async find() {
    const groupID = this.data.id
    if (groupID === '') return
    await this.busily(async () => {
      await whenReady()
      const own = groups.get().find((group) => group.groupID === groupID)
      const group = own ?? (await chat().searchGroupByID(groupID)).data.group
      const needsNote = group.joinOption !== TYPES.JOIN_OPTIONS_FREE_ACCESS
      this.setData({ step: own === undefined ? 'apply' : 'in', found: foundOf(group), needsNote })
    })
  },

  async onApply() {
    await this.busily(async () => {
      const { data } = await chat().joinGroup({ groupID: this.data.id, applyMessage: this.data.note })
      this.setData({ step: data.status === TYPES.JOIN_STATUS_WAIT_APPROVAL ? 'waiting' : 'in' })
    })
  },

  onEnter() {
    openChatPage(`${TYPES.CONV_GROUP}${this.data.id}`)
  },

  async busily(run: () => Promise<void>) {
    if (this.data.isBusy) return
    this.setData({ isBusy: true, error: '' })
    try {
      await run()
    } catch (error) {
      this.setData({ error: whyNot(error) })
    }
    this.setData({ isBusy: false })
  },
})

function foundOf({ groupID, name, avatar, memberCount, introduction }: Group): Found {
  const hint = [words().says.memberCount(memberCount), introduction].filter((text) => text !== '').join(' · ')
  return { id: groupID, name, hint: memberCount > 0 ? hint : introduction, face: groupFaceOf(groupID, avatar) }
}

function whyNot(error: unknown): string {
  const { join } = words()
  const code = codeOf(error)
  if (NOT_FOUND.includes(code)) return join.notFound
  return code === BY_INVITATION ? join.private : errorText(error)
}
