import { parseUserId, Refused, type UserId } from '@hongyan/protocol'
import type { ProfilesService } from '../profiles/profiles-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function profileHandlers(profiles: ProfilesService): FamilyHandlers<'profile'> {
  return {
    'profile.get': async (_caller, body) => ({
      profiles: [...(await profiles.get([...new Set(body.userIds.map(mustBeUserId))]))],
    }),
    'profile.update': async (caller, body) => {
      const profile = await profiles.update(caller, body)
      caller.noteProfile(profile)
      return { profile }
    },
  }
}

function mustBeUserId(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Refused('BAD_USER_ID')
  return userId
}
