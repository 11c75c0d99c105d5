import type { Profile as WireProfile, UserProfile } from '@hongyan/protocol'
import { TYPES } from '../types.ts'
import type { CustomField } from './person.ts'
import { ALLOW_TYPES, GENDERS } from './words.ts'

/** What TIM shows of a user (tim-semantics §3.7). What was never said has TIM's empty values. */
export class Profile {
  userID: string
  nick: string
  avatar: string
  gender: string = TYPES.GENDER_UNKNOWN
  birthday = 0
  location = ''
  selfSignature = ''
  allowType: string = TYPES.ALLOW_TYPE_ALLOW_ANY
  language = 0
  messageSettings = 0
  adminForbidType: string = TYPES.FORBID_TYPE_NONE
  level = 0
  role = 0
  lastUpdatedTime = 0
  profileCustomField: CustomField[] = []

  constructor(profile: WireProfile) {
    this.userID = profile.userId
    this.nick = profile.nick
    this.avatar = profile.avatar
  }
}

export function toTimProfile(profile: UserProfile): Profile {
  const made = new Profile(profile)
  updateProfile(made, profile)
  return made
}

/** Brings the application's object up to date. */
export function updateProfile(target: Profile, { nick, avatar, details, changedAtMs }: UserProfile): void {
  target.nick = nick
  target.avatar = avatar
  target.gender = GENDERS.toTim(details.gender ?? 'unknown')
  target.birthday = details.birthday ?? 0
  target.location = details.location ?? ''
  target.selfSignature = details.signature ?? ''
  target.allowType = ALLOW_TYPES.toTim(details.friendsBy ?? 'anybody')
  target.language = details.language ?? 0
  target.messageSettings = details.messageSettings ?? 0
  target.level = details.level ?? 0
  target.role = details.role ?? 0
  target.lastUpdatedTime = Math.floor(changedAtMs / 1000)
  target.profileCustomField = details.custom ?? []
}
