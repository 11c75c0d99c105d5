import { conversations, groups, isReady, totalUnread } from '../../im/chat'
import type { Told, Touch } from '../../im/events'
import { isAdmitted, whenReady } from '../../im/gate'
import { hold, release } from '../../im/held'
import { findPeople } from '../../im/people'
import { openPersonPage } from '../../im/places'
import { showUnread } from '../../im/tab-bar'
import { trying } from '../../im/tell'
import { words } from '../../text/words'
import { personRow, type Person, type PersonRow } from '../../views/contacts'

const MOST_SHOWN = 200

/** Whom I share a class with or talked to: teachers first. */
Page({
  data: {
    t: words().contacts,
    loading: words().common.loading,
    isLoaded: false,
    teachers: [] as readonly PersonRow[],
    others: [] as readonly PersonRow[],
  },

  people: [] as readonly Person[],
  search: '',
  /** What the list was made from: members are asked for again only when there is another class or another chat. */
  madeFrom: '',

  onLoad() {
    if (!isAdmitted()) return
    hold(
      this,
      isReady.subscribe((ready) => {
        if (!ready) this.madeFrom = ''
      }),
    )
  },

  onShow() {
    if (!isAdmitted()) return
    void wx.setNavigationBarTitle({ title: words().contacts.title })
    this.setData({ t: words().contacts })
    showUnread(totalUnread.get())
    void this.load()
  },

  onUnload() {
    release(this)
  },

  async load() {
    await whenReady()
    const from = JSON.stringify([
      groups.get().map(({ groupID, memberCount }) => [groupID, memberCount]),
      conversations
        .get()
        .map(({ conversationID }) => conversationID)
        .sort(),
    ])
    if (from === this.madeFrom) return this.show()
    const people = await trying(findPeople)
    if (people === undefined) return
    this.madeFrom = from
    this.people = people
    this.show()
  },

  show() {
    const found = this.people.filter(({ name, userID, hint }) =>
      [name, userID, hint].some((text) => text.includes(this.search)),
    )
    const rows = (isTeacher: boolean): readonly PersonRow[] =>
      found
        .filter((person) => person.isTeacher === isTeacher)
        .slice(0, MOST_SHOWN)
        .map(personRow)
    this.setData({ isLoaded: true, teachers: rows(true), others: rows(false) })
  },

  onSearch({ detail }: Told<{ text: string }>) {
    this.search = detail.text
    this.show()
  },

  async onPullDownRefresh() {
    this.madeFrom = ''
    await this.load()
    void wx.stopPullDownRefresh()
  },

  onPerson({ currentTarget }: Touch<{ id: string }>) {
    openPersonPage(currentTarget.dataset.id)
  },
})
