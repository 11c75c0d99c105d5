import { parseUserId } from '@hongyan/protocol/constants'
import type { UserProfile } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { isFieldList } from '../mapping/person.ts'
import { Profile, toTimProfile, updateProfile } from '../mapping/profile.ts'
import { assertParameter, isObject, isTextList } from '../validation.ts'
import { updateOf, type ProfileFields } from './profile-fields.ts'

const MAX_USERS = 1_000
const PER_REQUEST = 100

/** What is known of people. */
export function profileMethods(chat: Chat) {
  async function fetch(userIDs: readonly string[]): Promise<UserProfile[]> {
    const userIds = [...new Set(userIDs)].slice(0, MAX_USERS).flatMap((userID) => parseUserId(userID) ?? [])
    const chunks = Array.from({ length: Math.ceil(userIds.length / PER_REQUEST) }, (_, index) =>
      userIds.slice(index * PER_REQUEST, (index + 1) * PER_REQUEST),
    )
    const pages = await Promise.all(chunks.map((chunk) => chat.client.profiles(chunk)))
    return pages.flat()
  }

  /** One object for as long as the login lasts. */
  function mine(profile: UserProfile): Profile {
    if (chat.myProfile) updateProfile(chat.myProfile, profile)
    return (chat.myProfile ??= toTimProfile(profile))
  }

  async function update(fields: ProfileFields): Promise<Profile> {
    if (!isObject(fields) || Object.values(fields).every((value) => value === undefined)) throw timError(2722)
    const { profileCustomField: custom } = fields
    if (custom !== undefined && !isFieldList(custom)) throw timError(2721, 'profileCustomField')
    const { profile } = await chat.client.ask('profile.update', updateOf(fields))
    return mine(profile)
  }

  return {
    getMyProfile: () =>
      chat.run('profile', async () => {
        const { userId, nick, avatar } = chat.self()
        const [profile] = await fetch([userId])
        return profile ? mine(profile) : new Profile({ userId, nick, avatar })
      }),
    /** Unknown users are simply absent. */
    getUserProfile: (options: { userIDList: string[] }) => {
      assertParameter(isObject(options) && isTextList(options.userIDList), 'getUserProfile', '{ userIDList }')
      return chat.run('profile', async () => (await fetch(options.userIDList)).map(toTimProfile))
    },
    updateMyProfile: (fields: ProfileFields) => chat.run('profile', () => update(fields)),
  }
}
