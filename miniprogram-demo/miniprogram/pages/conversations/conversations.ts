import { chat, conversations, isReady, totalUnread } from '../../im/chat'
import { isAdmitted } from '../../im/gate'
import { hold, release } from '../../im/held'
import { openChatPage, openPlainPage } from '../../im/places'
import { me } from '../../im/session'
import { showUnread } from '../../im/tab-bar'
import { confirm, trying } from '../../im/tell'
import { wait } from '../../im/wait'
import { TYPES } from '../../im/sdk'
import { destinationOf } from '../../im/outgoing'
import { words } from '../../text/words'
import { conversationRow, type ConversationRow } from '../../views/conversation-row'
import { listPatch } from '../../views/list-patch'
import type { Told, Touch } from '../../im/events'

/** So many more lines at each end of the page: a long list goes over in parts. */
const STEP = 40

interface OnRow {
  readonly id: string
  readonly action: 'pin' | 'mute' | 'remove'
}

type RowTouch = Touch<OnRow>

/** The list of conversations. */
Page({
  data: {
    t: words().conversations,
    loading: words().common.loading,
    rows: [] as readonly ConversationRow[],
    isReady: false,
    isSearching: false,
  },

  search: '',
  most: STEP,

  onLoad() {
    if (!isAdmitted()) return
    const show = (): void => this.show()
    hold(this, conversations.subscribe(show), isReady.subscribe(show))
  },

  onShow() {
    if (!isAdmitted()) return
    this.setData({ t: words().conversations })
    void wx.setNavigationBarTitle({ title: words().conversations.title })
    // "Yesterday" may have begun.
    this.show()
    showUnread(totalUnread.get())
  },

  onUnload() {
    release(this)
  },

  show() {
    const all = conversations.get().map((conversation) => conversationRow(conversation, me(), Date.now(), words()))
    const found = all.filter(({ title, preview }) => title.includes(this.search) || preview.includes(this.search))
    const patch = listPatch('rows', this.data.rows, found.slice(0, this.most))
    const flags = { isReady: isReady.get(), isSearching: this.search !== '' }
    if (flags.isReady !== this.data.isReady || flags.isSearching !== this.data.isSearching) this.setData(flags)
    if (Object.keys(patch).length > 0) this.setData(patch)
  },

  onSearch({ detail }: Told<{ text: string }>) {
    this.search = detail.text
    this.show()
  },

  onReachBottom() {
    if (this.data.rows.length < this.most) return
    this.most += STEP
    this.show()
  },

  /** The list is kept up to date by itself; pulling asks the SDK all the same, for people who like to be sure. */
  async onPullDownRefresh() {
    await Promise.race([trying(() => chat().getConversationList()), wait(5_000)])
    this.show()
    void wx.stopPullDownRefresh()
  },

  onOpen({ currentTarget }: RowTouch) {
    const { id } = currentTarget.dataset
    if (id === TYPES.CONV_SYSTEM) openPlainPage('notices')
    else openChatPage(id)
  },

  async onSwipeAction({ currentTarget }: RowTouch) {
    const { id, action } = currentTarget.dataset
    const row = this.data.rows.find((one) => one.id === id)
    if (row === undefined) return
    if (action === 'pin') await trying(() => chat().pinConversation({ conversationID: id, isPinned: !row.isPinned }))
    if (action === 'mute') await trying(() => mute(id, !row.isMuted))
    if (action === 'remove') await this.remove(id)
  },

  async remove(id: string) {
    const { removeTitle, removeHint, remove } = words().conversations
    if (!(await confirm({ title: removeTitle, hint: removeHint, yes: remove }))) return
    await trying(() => chat().deleteConversation(id))
  },
})

function mute(conversationID: string, isMuted: boolean): Promise<unknown> {
  const messageRemindType = isMuted ? TYPES.MSG_REMIND_ACPT_NOT_NOTE : TYPES.MSG_REMIND_ACPT_AND_NOTE
  const { to, conversationType } = destinationOf(conversationID)
  return conversationType === TYPES.CONV_GROUP
    ? chat().setMessageRemindType({ groupID: to, messageRemindType })
    : chat().setMessageRemindType({ userIDList: [to], messageRemindType })
}
