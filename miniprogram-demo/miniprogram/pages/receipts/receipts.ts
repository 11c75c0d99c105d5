import { chat } from '../../im/chat'
import type { Touch } from '../../im/events'
import { membersOf } from '../../im/people'
import { decoded, openPersonPage } from '../../im/places'
import { trying } from '../../im/tell'
import type { Message } from '../../im/sdk'
import { words } from '../../text/words'
import { personOf, personRow, type PersonRow } from '../../views/contacts'

const PAGE = 100
const MOST_SHOWN = 500

/** Who has read a message of mine in a class, and who has not. */
Page({
  data: {
    t: words().receipts,
    isLoaded: false,
    tab: 'unread',
    read: [] as readonly PersonRow[],
    unread: [] as readonly PersonRow[],
  },

  onLoad({ id }: { id?: string }) {
    const { receipts } = words()
    void wx.setNavigationBarTitle({ title: receipts.title })
    this.setData({ t: receipts })
    const message = chat().findMessage(decoded(id))
    if (message !== null) void trying(() => this.load(message))
  },

  async load(message: Message) {
    const members = await membersOf(message.to)
    const rows = new Map(members.map((member) => [member.userID, personRow(personOf(member, { name: '' }, words()))]))
    const show = (userID: string): PersonRow =>
      rows.get(userID) ?? personRow({ userID, name: userID, avatar: '', isTeacher: false, hint: '' })
    const [read, unread] = [await readersOf(message, 0), await readersOf(message, 1)]
    const tab = unread.length > 0 ? 'unread' : 'read'
    this.setData({ isLoaded: true, tab, read: read.map(show).map(plain), unread: unread.map(show).map(plain) })
  },

  onTab({ currentTarget }: Touch<{ tab: 'read' | 'unread' }>) {
    this.setData({ tab: currentTarget.dataset.tab })
  },

  onPerson({ currentTarget }: Touch<{ id: string }>) {
    openPersonPage(currentTarget.dataset.id)
  },
})

function plain(row: PersonRow): PersonRow {
  return { ...row, hint: '' }
}

/** `filter` 0: who has read it; 1: who has not. */
async function readersOf(message: Message, filter: 0 | 1): Promise<readonly string[]> {
  const found: string[] = []
  let cursor = ''
  let isCompleted = false
  while (!isCompleted && found.length < MOST_SHOWN) {
    const { data } = await chat().getGroupMessageReadMemberList({ message, filter, cursor, count: PAGE })
    found.push(...(filter === 0 ? data.readUserIDList : data.unreadUserIDList))
    cursor = data.cursor
    isCompleted = data.isCompleted
  }
  return found
}
