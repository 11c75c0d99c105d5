import type { Conversation, GroupMember } from '@hongyan/client-sdk'
import { computed, shallowReactive } from 'vue'
import { chat, EVENT, listen, TYPES } from './chat.ts'
import { conversations } from './conversations.ts'
import { fetchMembers } from './fetch-members.ts'
import { groups } from './groups.ts'
import { gather, type Person } from './people-rules.ts'

/** Of each group; who has more people than that around him searches for them. */
const MEMBERS_PER_GROUP = 300
const GROUPS_AT_ONCE = 3

interface Known {
  readonly members: readonly GroupMember[]
  /** How many the group had when they were read: with another number they are read again. */
  readonly count: number
}

const state = shallowReactive({ known: new Map<string, Known>(), isLoading: false })

/** People one shares a group with or has talked to, by name. */
export const people = computed<readonly Person[]>(() =>
  gather({
    self: chat.getLoginUser(),
    peers: conversations.all.filter(({ type }) => type === TYPES.CONV_C2C).map(peerOf),
    groups: groups.all.map(({ groupID, name }) => ({ name, members: state.known.get(groupID)?.members ?? [] })),
  }),
)

/** Forgets who was known to the user who was signed in before; once, when the instance is there. */
export function followPeople(): void {
  listen(EVENT.SDK_NOT_READY, () => {
    if (chat.getLoginUser() === '') state.known = new Map()
  })
}

/** Reads the members of the groups that are not known yet, or have changed; what cannot be read is left to the next time. */
export async function loadPeople(): Promise<void> {
  if (state.isLoading) return
  state.isLoading = true
  const waiting = groups.all.filter(({ groupID, memberCount }) => state.known.get(groupID)?.count !== memberCount)
  const lane = async (): Promise<void> => {
    for (let group = waiting.pop(); group; group = waiting.pop()) {
      const { groupID, memberCount: count } = group
      const found = await fetchMembers(groupID, MEMBERS_PER_GROUP).catch(() => undefined)
      if (found) state.known = new Map(state.known).set(groupID, { members: found.members, count })
    }
  }
  await Promise.all(Array.from({ length: GROUPS_AT_ONCE }, lane))
  state.isLoading = false
}

function peerOf({ userProfile }: Conversation): Pick<Person, 'userID' | 'nick' | 'avatar'> {
  return { userID: userProfile.userID, nick: userProfile.nick, avatar: userProfile.avatar }
}
