import { LIMITS } from '@hongyan/protocol/constants'
import type { UserId, UserProfile } from '@hongyan/protocol'
import type { Requests } from '../core/requests.ts'

/** What others see of these users, in as many requests as their number takes; unknown users are absent. */
export async function getProfiles(requests: Requests, userIds: readonly UserId[]): Promise<readonly UserProfile[]> {
  const profiles: UserProfile[] = []
  for (let from = 0; from < userIds.length; from += LIMITS.profilesPerRequest) {
    const page = userIds.slice(from, from + LIMITS.profilesPerRequest)
    const reply = await requests.call('profile.get', { userIds: page })
    profiles.push(...reply.profiles)
  }
  return profiles
}
