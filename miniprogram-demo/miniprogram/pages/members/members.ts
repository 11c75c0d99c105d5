import type { Told, Touch } from '../../im/events'
import { membersOf } from '../../im/people'
import { decoded, openPersonPage } from '../../im/places'
import { trying } from '../../im/tell'
import { TYPES, type GroupMember } from '../../im/sdk'
import { words } from '../../text/words'
import { personOf, personRow, type PersonRow } from '../../views/contacts'

interface MemberRow extends PersonRow {
  readonly role: string
}

/** So many at first, and again at each end of the page. */
const STEP = 60

/** Everybody in a class: who leads it first. */
Page({
  data: { t: words().members, loading: words().common.loading, rows: [] as readonly MemberRow[], isLoaded: false },

  all: [] as readonly MemberRow[],
  found: [] as readonly MemberRow[],

  onLoad({ id }: { id?: string }) {
    void wx.setNavigationBarTitle({ title: words().members.title })
    this.setData({ t: words().members })
    void trying(() => this.load(decoded(id)))
  },

  async load(groupID: string) {
    this.all = (await membersOf(groupID)).map(rowOf)
    this.find('')
    this.setData({ isLoaded: true })
  },

  find(text: string) {
    this.found = this.all.filter(({ name, id }) => name.includes(text) || id.includes(text))
    this.setData({ rows: this.found.slice(0, STEP) })
  },

  onSearch({ detail }: Told<{ text: string }>) {
    this.find(detail.text)
  },

  onReachBottom() {
    const { length } = this.data.rows
    const more = this.found.slice(length, length + STEP)
    const patch = more.map((row, index) => [`rows[${length + index}]`, row] as const)
    if (more.length > 0) this.setData(Object.fromEntries(patch))
  },

  onPerson({ currentTarget }: Touch<{ id: string }>) {
    openPersonPage(currentTarget.dataset.id)
  },
})

function rowOf(member: GroupMember): MemberRow {
  const { common } = words()
  const roles: { readonly [role: string]: string } = {
    [TYPES.GRP_MBR_ROLE_OWNER]: common.owner,
    [TYPES.GRP_MBR_ROLE_ADMIN]: common.admin,
  }
  const { nick, nameCard } = member
  const hint = nameCard !== '' && nick !== '' && nick !== nameCard ? nick : ''
  return { ...personRow(personOf(member, { name: '' }, words())), hint, role: roles[member.role] ?? '' }
}
