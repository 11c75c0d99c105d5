import type { GroupMember, Message } from '@hongyan/client-sdk'
import { onScopeDispose, readonly, shallowReactive } from 'vue'
import { chat, EVENT, listen, TYPES } from './chat.ts'
import { fetchMembers } from './fetch-members.ts'

const PAGE = 100
/** Tips come in bunches when somebody brings in a whole class. */
const SETTLE_MS = 300

export interface MemberList {
  /** Owner first, then administrators, then members. */
  all: readonly GroupMember[]
  hasMore: boolean
  isLoading: boolean
}

/** The members of a group, page by page, read again when the group's tips say that they changed. Rejections have TIM's code. */
export function useGroupMembers(groupID: string) {
  const state = shallowReactive<MemberList>({ all: [], hasMore: true, isLoading: false })
  let offset = 0
  let refreshing: ReturnType<typeof setTimeout> | undefined

  async function loadMore(): Promise<void> {
    if (state.isLoading || !state.hasMore) return
    state.isLoading = true
    try {
      const { data } = await chat.getGroupMemberList({ groupID, count: PAGE, offset })
      offset = data.offset
      state.hasMore = offset > 0
      state.all = [...state.all, ...data.memberList.map((member) => ({ ...member }))]
    } finally {
      state.isLoading = false
    }
  }

  /** As many pages as are shown. */
  async function refresh(): Promise<void> {
    const wanted = Math.max(state.all.length, PAGE)
    const fresh = await fetchMembers(groupID, wanted)
    offset = fresh.next
    state.hasMore = offset > 0
    state.all = fresh.members
  }

  function hear(messages: readonly Message[]): void {
    const isNews = messages.some(({ type, to }) => type === TYPES.MSG_GRP_TIP && to === groupID)
    if (!isNews || refreshing !== undefined) return
    refreshing = setTimeout(() => {
      refreshing = undefined
      refresh().catch(() => undefined)
    }, SETTLE_MS)
  }

  const end = listen(EVENT.MESSAGE_RECEIVED, hear)
  onScopeDispose(() => {
    end()
    clearTimeout(refreshing)
  })
  return { members: readonly(state) as Readonly<MemberList>, loadMore, refresh }
}
