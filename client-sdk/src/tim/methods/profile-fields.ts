import type { ProfileDetails, RequestOf } from '@hongyan/protocol'
import { timError } from '../errors.ts'
import type { CustomField } from '../mapping/person.ts'
import { ALLOW_TYPES, GENDERS } from '../mapping/words.ts'

/** What a user can change of his profile. */
export interface ProfileFields {
  nick?: string
  avatar?: string
  gender?: string
  selfSignature?: string
  allowType?: string
  birthday?: number
  location?: string
  language?: number
  messageSettings?: number
  /** Taken and left alone: it is the administrator's. */
  adminForbidType?: string
  level?: number
  role?: number
  profileCustomField?: CustomField[]
}

/** The fields that are named, in our words; rejects 2721 for one that is not what it should be. */
export function updateOf(fields: ProfileFields): RequestOf<'profile.update'> {
  const { nick, avatar, profileCustomField } = fields
  // The server keeps those that are not named.
  const custom = profileCustomField?.map(({ key, value }) => ({ key, value }))
  const details: ProfileDetails = {
    ...named('gender', wordIn(GENDERS, 'gender', fields.gender)),
    ...named('friendsBy', wordIn(ALLOW_TYPES, 'allowType', fields.allowType)),
    ...named('signature', text('selfSignature', fields.selfSignature)),
    ...named('location', text('location', fields.location)),
    ...named('birthday', number('birthday', fields.birthday)),
    ...named('language', number('language', fields.language)),
    ...named('messageSettings', number('messageSettings', fields.messageSettings)),
    ...named('level', number('level', fields.level)),
    ...named('role', number('role', fields.role)),
    ...named('custom', custom),
  }
  return {
    ...named('nick', text('nick', nick)),
    ...named('avatar', text('avatar', avatar)),
    ...(Object.keys(details).length > 0 ? { details } : {}),
  }
}

function named<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  const one: { [Key in Name]?: Value } = {}
  if (value !== undefined) one[name] = value
  return one
}

function wordIn<Ours>(
  words: { toOurs(word: unknown): Ours | undefined },
  field: string,
  word: string | undefined,
): Ours | undefined {
  const ours = words.toOurs(word)
  if (word !== undefined && ours === undefined) throw timError(2721, field)
  return ours
}

function text(field: string, value: unknown): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw timError(2721, field)
  return value
}

function number(field: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw timError(2721, field)
  return value
}
