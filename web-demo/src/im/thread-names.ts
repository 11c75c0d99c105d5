import type { Conversation, Message } from '@hongyan/client-sdk'
import { reactive, watch, type Ref } from 'vue'
import { chat } from './chat.ts'
import { session } from './session.ts'
import type { Thread } from './thread.ts'

/** How somebody is shown in a conversation. */
export interface Face {
  readonly name: string
  readonly avatar: string
}

export interface ThreadNames {
  /** The name card in this group, else the nickname, else the userID. */
  nameOf(userID: string): string
  avatarOf(userID: string): string
  /** Fetches those of them that no message has told of. */
  learn(userIDs: readonly string[]): Promise<void>
}

/** As many members as one request may name. */
const AT_ONCE = 50

/** Learns names from the messages themselves, the newest decides. */
export function useThreadNames(open: {
  readonly type: string
  readonly to: string
  readonly conversation: Readonly<Ref<Conversation | undefined>>
  readonly thread: Readonly<Thread>
}): ThreadNames {
  const faces = reactive(new Map<string, Face>())

  function set(userID: string, face: Face): void {
    const known = faces.get(userID)
    if (known?.name !== face.name || known.avatar !== face.avatar) faces.set(userID, face)
  }

  watch(
    () => open.thread.messages,
    (messages) => {
      const newest = new Map(messages.filter(hasSender).map((message) => [message.from, message]))
      for (const [userID, { nameCard, nick, avatar }] of newest)
        set(userID, { name: nameCard || nick || userID, avatar })
    },
    { immediate: true },
  )
  watch(
    open.conversation,
    (conversation) => {
      const { userID, nick, avatar } = conversation?.userProfile ?? { userID: '' }
      if (userID) set(userID, { name: conversation?.remark || nick || userID, avatar: avatar ?? '' })
    },
    { immediate: true },
  )

  async function learn(userIDs: readonly string[]): Promise<void> {
    const unknown = userIDs.filter((userID) => !faces.has(userID))
    for (let from = 0; from < unknown.length; from += AT_ONCE) {
      const some = unknown.slice(from, from + AT_ONCE)
      const people = open.type === 'GROUP' ? await fetchMembers(open.to, some) : await fetchProfiles(some)
      for (const { userID, name, avatar } of people) set(userID, { name, avatar })
    }
  }

  return {
    nameOf: (userID) => faces.get(userID)?.name ?? own(userID)?.nick ?? userID,
    avatarOf: (userID) => faces.get(userID)?.avatar ?? own(userID)?.avatar ?? '',
    learn,
  }
}

function own(userID: string): { readonly nick: string; readonly avatar: string } | undefined {
  const { profile } = session
  return userID === session.userID && profile?.nick ? profile : undefined
}

/** A tip has the face of whom it is about, not of its sender. */
function hasSender({ from, isSystemMessage, nick }: Message): boolean {
  return from !== '' && !isSystemMessage && nick !== ''
}

async function fetchMembers(groupID: string, userIDList: string[]): Promise<readonly (Face & { userID: string })[]> {
  const { memberList } = (await chat.getGroupMemberProfile({ groupID, userIDList })).data
  return memberList.map(({ userID, nameCard, nick, avatar }) => ({ userID, name: nameCard || nick || userID, avatar }))
}

async function fetchProfiles(userIDList: string[]): Promise<readonly (Face & { userID: string })[]> {
  const profiles = (await chat.getUserProfile({ userIDList })).data
  return profiles.map(({ userID, nick, avatar }) => ({ userID, name: nick || userID, avatar }))
}
