import { groups, isReady, totalUnread } from '../../im/chat'
import type { Touch } from '../../im/events'
import { isAdmitted } from '../../im/gate'
import { hold, release } from '../../im/held'
import { openClassPage, openPlainPage } from '../../im/places'
import { showUnread } from '../../im/tab-bar'
import type { Group } from '../../im/sdk'
import { words } from '../../text/words'
import { leads, type PersonRow } from '../../views/contacts'
import { groupFaceOf } from '../../views/face'
import { listPatch } from '../../views/list-patch'

interface ClassRow extends PersonRow {
  /** What I am in it, when I am more than a member. */
  readonly role: string
}

/** The classes I am in. */
Page({
  data: { t: words().classes, rows: [] as readonly ClassRow[], isReady: false },

  onLoad() {
    if (!isAdmitted()) return
    const show = (): void => this.show()
    hold(this, groups.subscribe(show), isReady.subscribe(show))
  },

  onShow() {
    if (!isAdmitted()) return
    void wx.setNavigationBarTitle({ title: words().classes.title })
    this.setData({ t: words().classes })
    this.show()
    showUnread(totalUnread.get())
  },

  onUnload() {
    release(this)
  },

  show() {
    const rows = [...groups.get()].sort((one, other) => one.name.localeCompare(other.name, 'zh')).map(rowOf)
    const patch = listPatch('rows', this.data.rows, rows)
    if (isReady.get() !== this.data.isReady) this.setData({ isReady: isReady.get() })
    if (Object.keys(patch).length > 0) this.setData(patch)
  },

  onOpen({ currentTarget }: Touch<{ id: string }>) {
    openClassPage(currentTarget.dataset.id)
  },

  onJoin() {
    openPlainPage('join')
  },
})

function rowOf({ groupID, name, avatar, memberCount, introduction, selfInfo }: Group): ClassRow {
  const { says, common } = words()
  const hint = [says.memberCount(memberCount), introduction].filter((text) => text !== '').join(' · ')
  const role = leads(selfInfo.role) ? common.teacher : ''
  return { id: groupID, name, hint, face: groupFaceOf(groupID, avatar), role }
}
