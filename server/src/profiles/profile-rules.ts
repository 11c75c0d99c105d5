import { LIMITS, Refused, utf8Length, type ProfileDetails, type RequestOf, type UserProfile } from '@hongyan/protocol'

export type ProfileChange = RequestOf<'profile.update'>

/**
 * The profile with the fields that are named changed; of his own fields, too, only those that are named. The same object
 * when nothing is different. Refuses PROFILE_TOO_LONG.
 */
export function changeProfile(before: UserProfile, change: ProfileChange, nowMs: number): UserProfile {
  const nick = change.nick ?? before.nick
  const avatar = change.avatar ?? before.avatar
  const details = mergeDetails(before.details, change.details ?? {})
  if (utf8Length(nick) > LIMITS.nickBytes || utf8Length(avatar) > LIMITS.avatarBytes) {
    throw new Refused('PROFILE_TOO_LONG')
  }
  const isSame = nick === before.nick && avatar === before.avatar && isSameDetails(details, before.details)
  if (isSame) return before
  // Grows even when the clock goes back (promise I10): the later profile of two is told by it.
  return { ...before, nick, avatar, details, changedAtMs: Math.max(nowMs, before.changedAtMs + 1) }
}

function mergeDetails(before: ProfileDetails, change: ProfileDetails): ProfileDetails {
  const { custom: changed, ...fields } = change
  if (changed === undefined) return { ...before, ...fields }
  const values = new Map([...(before.custom ?? []), ...changed].map(({ key, value }) => [key, value]))
  if (values.size > LIMITS.customFields) throw new Refused('PROFILE_TOO_LONG')
  return { ...before, ...fields, custom: [...values].map(([key, value]) => ({ key, value })) }
}

function isSameDetails(a: ProfileDetails, b: ProfileDetails): boolean {
  return canonical(a) === canonical(b)
}

/** In one order of keys, whatever order the store gives them back in. */
function canonical({ custom = [], ...fields }: ProfileDetails): string {
  const sorted = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([sorted, custom.map(({ key, value }) => [key, value])])
}
