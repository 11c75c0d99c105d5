import { chat, conversations } from '../../im/chat'
import type { Told, Touch } from '../../im/events'
import { destinationOf, forwardMessage } from '../../im/outgoing'
import { decoded } from '../../im/places'
import { confirm, tell, trying } from '../../im/tell'
import { TYPES } from '../../im/sdk'
import { words } from '../../text/words'
import type { PersonRow } from '../../views/contacts'
import { conversationFace, titleOf } from '../../views/conversation-row'

/** To whom a message is handed on. */
Page({
  data: { search: words().conversations.search, rows: [] as readonly PersonRow[] },

  messageID: '',

  onLoad({ id }: { id?: string }) {
    this.messageID = decoded(id)
    void wx.setNavigationBarTitle({ title: words().pick.title })
    this.setData({ search: words().conversations.search })
    this.show('')
  },

  show(search: string) {
    const people = conversations.get().filter(({ type }) => type !== TYPES.CONV_SYSTEM)
    const rows = people.map((conversation) => {
      const name = titleOf(conversation, words())
      return { id: conversation.conversationID, name, hint: '', face: conversationFace(conversation, name) }
    })
    this.setData({ rows: rows.filter(({ name }) => name.includes(search)) })
  },

  onSearch({ detail }: Told<{ text: string }>) {
    this.show(detail.text)
  },

  async onPick({ currentTarget }: Touch<{ id: string; name: string }>) {
    const { id, name } = currentTarget.dataset
    const message = chat().findMessage(this.messageID)
    const { title, sent } = words().pick
    if (message === null || !(await confirm({ title: `${title} ${name}` }))) return
    const done = await trying(() => chat().sendMessage(forwardMessage(destinationOf(id), message)))
    if (done === undefined) return
    void wx.navigateBack()
    tell(sent)
  },
})
