import type { Access, GroupType, Remind, Role, SentElement } from '@hongyan/protocol'
import { TYPES } from '../types.ts'

/** TIM's words for ours, and back. */
export class Words<Ours extends string> {
  private readonly words: Readonly<Record<Ours, string>>

  constructor(words: Readonly<Record<Ours, string>>) {
    this.words = words
  }

  toTim(ours: Ours): string {
    return this.words[ours]
  }

  /** Undefined for a word that is none of these. */
  toOurs(word: unknown): Ours | undefined {
    for (const ours in this.words) if (this.words[ours] === word) return ours
    return undefined
  }
}

export const GROUP_TYPES = new Words<GroupType>({
  work: TYPES.GRP_WORK,
  public: TYPES.GRP_PUBLIC,
  meeting: TYPES.GRP_MEETING,
  community: TYPES.GRP_COMMUNITY,
  live: TYPES.GRP_AVCHATROOM,
})

export const ROLES = new Words<Role>({
  owner: TYPES.GRP_MBR_ROLE_OWNER,
  admin: TYPES.GRP_MBR_ROLE_ADMIN,
  member: TYPES.GRP_MBR_ROLE_MEMBER,
})

export const JOIN_OPTIONS = new Words<Access>({
  free: TYPES.JOIN_OPTIONS_FREE_ACCESS,
  approval: TYPES.JOIN_OPTIONS_NEED_PERMISSION,
  closed: TYPES.JOIN_OPTIONS_DISABLE_APPLY,
})

export const INVITE_OPTIONS = new Words<Access>({
  free: TYPES.INVITE_OPTIONS_FREE_ACCESS,
  approval: TYPES.INVITE_OPTIONS_NEED_PERMISSION,
  closed: TYPES.INVITE_OPTIONS_DISABLE_INVITE,
})

export const REMINDS = new Words<Remind>({
  notify: TYPES.MSG_REMIND_ACPT_AND_NOTE,
  silent: TYPES.MSG_REMIND_ACPT_NOT_NOTE,
  'silent-except-at': TYPES.RECEIVE_WITH_OFFLINE_PUSH_EXCEPT_AT,
  discard: TYPES.MSG_REMIND_DISCARD,
  'discard-except-at': TYPES.NOT_RECEIVE_MSG_EXCEPT_AT,
})

export const GENDERS = new Words<'female' | 'male' | 'unknown'>({
  female: TYPES.GENDER_FEMALE,
  male: TYPES.GENDER_MALE,
  unknown: TYPES.GENDER_UNKNOWN,
})

export const ALLOW_TYPES = new Words<'anybody' | 'consent' | 'nobody'>({
  anybody: TYPES.ALLOW_TYPE_ALLOW_ANY,
  consent: TYPES.ALLOW_TYPE_NEED_CONFIRM,
  nobody: TYPES.ALLOW_TYPE_DENY_ANY,
})

export const ELEMENT_TYPES = new Words<SentElement['type']>({
  text: TYPES.MSG_TEXT,
  custom: TYPES.MSG_CUSTOM,
  face: TYPES.MSG_FACE,
  location: TYPES.MSG_LOCATION,
  image: TYPES.MSG_IMAGE,
  audio: TYPES.MSG_AUDIO,
  video: TYPES.MSG_VIDEO,
  file: TYPES.MSG_FILE,
  merger: TYPES.MSG_MERGER,
})
