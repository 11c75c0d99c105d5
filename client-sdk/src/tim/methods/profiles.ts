import { parseUserId } from '@hongyan/protocol/constants'
import type { Chat } from '../chat.ts'
import { Profile } from '../mapping/profile.ts'
import { assertParameter, isObject, isTextList } from '../validation.ts'

const MAX_USERS = 1_000
const PER_REQUEST = 100

/** What is known of people. */
export function profileMethods(chat: Chat) {
  async function fetch(userIDs: readonly string[]): Promise<Profile[]> {
    const userIds = [...new Set(userIDs)].slice(0, MAX_USERS).flatMap((userID) => parseUserId(userID) ?? [])
    const chunks = Array.from({ length: Math.ceil(userIds.length / PER_REQUEST) }, (_, index) =>
      userIds.slice(index * PER_REQUEST, (index + 1) * PER_REQUEST),
    )
    const pages = await Promise.all(chunks.map((chunk) => chat.client.profiles(chunk)))
    return pages.flat().map((profile) => new Profile(profile))
  }

  return {
    getMyProfile: () =>
      chat.run('profile', async () => {
        const { userId, nick, avatar } = chat.self()
        return (await fetch([userId]))[0] ?? new Profile({ userId, nick, avatar })
      }),
    /** Unknown users are simply absent. */
    getUserProfile: (options: { userIDList: string[] }) => {
      assertParameter(isObject(options) && isTextList(options.userIDList), 'getUserProfile', '{ userIDList }')
      return chat.run('profile', () => fetch(options.userIDList))
    },
  }
}
