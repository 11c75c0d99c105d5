import type { Conversation, GroupMember } from '@hongyan/client-sdk'
import { computed, shallowReactive } from 'vue'
import { chat, EVENT, listen, TYPES } from './chat.ts'
import { conversations } from './conversations.ts'
import { groups } from './groups.ts'
import { gather, type Person } from './people-rules.ts'

const PAGE = 100
/** Of each group; who has more people than that around him searches for them. */
const MEMBERS_PER_GROUP = 300
const GROUPS_AT_ONCE = 3

const state = shallowReactive({ members: new Map<string, readonly GroupMember[]>(), isLoading: false })

/** People one shares a group with or has talked to, by name. */
export const people = computed<readonly Person[]>(() =>
  gather({
    self: chat.getLoginUser(),
    peers: conversations.all.filter(({ type }) => type === TYPES.CONV_C2C).map(peerOf),
    groups: groups.all.map(({ groupID, name }) => ({ name, members: state.members.get(groupID) ?? [] })),
  }),
)

/** Forgets who was known to the user who was signed in before; once, when the instance is there. */
export function followPeople(): void {
  listen(EVENT.SDK_NOT_READY, () => {
    if (chat.getLoginUser() === '') state.members = new Map()
  })
}

/** Reads the members of the groups that are not known yet; what cannot be read is left out. */
export async function loadPeople(): Promise<void> {
  if (state.isLoading) return
  state.isLoading = true
  const waiting = groups.all.map(({ groupID }) => groupID).filter((groupID) => !state.members.has(groupID))
  const lane = async (): Promise<void> => {
    for (let groupID = waiting.pop(); groupID !== undefined; groupID = waiting.pop()) {
      const members = await membersOf(groupID).catch(() => [])
      state.members = new Map(state.members).set(groupID, members)
    }
  }
  await Promise.all(Array.from({ length: GROUPS_AT_ONCE }, lane))
  state.isLoading = false
}

async function membersOf(groupID: string): Promise<readonly GroupMember[]> {
  const members: GroupMember[] = []
  let offset = 0
  do {
    const { data } = await chat.getGroupMemberList({ groupID, count: PAGE, offset })
    members.push(...data.memberList)
    offset = data.offset
  } while (offset > 0 && members.length < MEMBERS_PER_GROUP)
  return members
}

function peerOf({ userProfile }: Conversation): Pick<Person, 'userID' | 'nick' | 'avatar'> {
  return { userID: userProfile.userID, nick: userProfile.nick, avatar: userProfile.avatar }
}
