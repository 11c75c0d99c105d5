import type { Profile as WireProfile } from '@hongyan/protocol'
import { TYPES } from '../types.ts'

/** What TIM shows of a user. Fields we do not keep have TIM's empty values. */
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
  profileCustomField: { key: string; value: string }[] = []

  constructor(profile: WireProfile) {
    this.userID = profile.userId
    this.nick = profile.nick
    this.avatar = profile.avatar
  }
}
