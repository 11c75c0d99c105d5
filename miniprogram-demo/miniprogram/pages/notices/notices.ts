import { chat } from '../../im/chat'
import { codeOf } from '../../im/error-text'
import type { Touch } from '../../im/events'
import { isAdmitted, whenReady } from '../../im/gate'
import { hold, release } from '../../im/held'
import { tell, trying } from '../../im/tell'
import { EVENT, TYPES, type GroupApplication, type Message } from '../../im/sdk'
import { words } from '../../text/words'
import { numberAt, textAt } from '../../views/fields'
import { JOIN_REQUEST, noticeText } from '../../views/notice-text'
import { separatorTime } from '../../views/time-label'

interface NoticeRow {
  readonly id: string
  readonly text: string
  readonly note: string
  readonly time: string
  /** Of an application that waits for this user. */
  readonly isOpen: boolean
}

const HANDLED = '10024'

/** What the system tells: who wants to join, who was accepted, which class was dissolved. */
Page({
  data: { t: words().notices, loading: words().common.loading, rows: [] as readonly NoticeRow[], isLoaded: false },

  applications: [] as readonly GroupApplication[],

  onLoad() {
    void wx.setNavigationBarTitle({ title: words().notices.title })
    this.setData({ t: words().notices })
    if (isAdmitted()) void this.open()
  },

  async open() {
    await whenReady()
    const onReceived = ({ data }: { readonly data: Message[] }): void => {
      if (data.some(({ conversationID }) => conversationID === TYPES.CONV_SYSTEM)) void trying(() => this.load())
    }
    chat().on(EVENT.MESSAGE_RECEIVED, onReceived)
    hold(this, () => chat().off(EVENT.MESSAGE_RECEIVED, onReceived))
    await trying(() => this.load())
  },

  onUnload() {
    release(this)
  },

  async load() {
    const { data } = await chat().getMessageList({ conversationID: TYPES.CONV_SYSTEM })
    this.applications = (await chat().getGroupApplicationList()).data.applicationList
    const open = new Set(this.applications.map(({ messageKey }) => messageKey))
    const rows = data.messageList.map((message) => rowOf(message, open)).reverse()
    this.setData({ rows, isLoaded: true })
    await chat().setMessageRead({ conversationID: TYPES.CONV_SYSTEM })
  },

  async onDecide({ currentTarget }: Touch<{ id: string; action: 'Agree' | 'Reject' }>) {
    const { id, action } = currentTarget.dataset
    const message = chat().findMessage(id)
    if (message === null) return
    const { agreed, rejected, handled } = words().notices
    const key = textAt(message.payload, 'messageKey')
    const application = this.applications.find(({ messageKey }) => messageKey === key)
    try {
      await chat().handleGroupApplication({ handleAction: action, ...(application ? { application } : { message }) })
      tell(action === 'Agree' ? agreed : rejected)
    } catch (error) {
      if (codeOf(error) !== HANDLED) return void trying(() => Promise.reject(error as Error))
      tell(handled)
    }
    await trying(() => this.load())
  },
})

function rowOf({ ID, payload, time }: Message, open: ReadonlySet<string>): NoticeRow {
  const isRequest = numberAt(payload, 'operationType') === JOIN_REQUEST
  return {
    id: ID,
    text: noticeText(payload, words()),
    note: textAt(payload, 'handleMessage'),
    time: separatorTime(time, Date.now(), words()),
    isOpen: isRequest && open.has(textAt(payload, 'messageKey')),
  }
}
