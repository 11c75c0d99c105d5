import { LIMITS, Refused, utf8Length, type Access, type GroupType, type Role } from '@hongyan/protocol'
import { roleOf } from '../conversations/role-rules.ts'
import { GROUP_TYPES, PERMISSIONS, type GroupAction } from './group-types.ts'

/** Whether somebody of this role may do this in a group of this type. */
export function may(action: GroupAction, type: GroupType, role: Role): boolean {
  return PERMISSIONS[action][type].includes(role)
}

/** Refuses NOT_PERMITTED. */
export function assertMay(action: GroupAction, type: GroupType, role: number): void {
  if (!may(action, type, roleOf(role))) throw new Refused('NOT_PERMITTED')
}

/** One acts only on those of lower rank, whatever else one may (tim-semantics §4.9). Refuses NOT_PERMITTED. */
export function assertOutranks(actor: { readonly role: number }, target: { readonly role: number }): void {
  if (actor.role >= target.role) throw new Refused('NOT_PERMITTED')
}

/** What becomes of an invitation by this member: done, asked for, or refused. */
export function invitingBy(role: number, group: { readonly type: GroupType; readonly inviteOption: Access }): Access {
  return may('invite', group.type, roleOf(role)) ? 'free' : group.inviteOption
}

/** Fields of a group as a request names them. */
export interface GroupFields {
  readonly name?: string | undefined
  readonly avatar?: string | undefined
  readonly introduction?: string | undefined
  readonly notice?: string | undefined
  readonly joinOption?: Access | undefined
  readonly inviteOption?: Access | undefined
}

const MAX_BYTES = {
  name: LIMITS.groupNameBytes,
  avatar: LIMITS.avatarBytes,
  introduction: LIMITS.groupIntroductionBytes,
  notice: LIMITS.groupNoticeBytes,
} as const

/** Refuses BAD_GROUP_FIELD for what is too long, a name that is empty, or an option that groups of this type have not. */
export function assertFields(type: GroupType, fields: GroupFields): void {
  for (const [name, maxBytes] of Object.entries(MAX_BYTES) as [keyof typeof MAX_BYTES, number][]) {
    const text = fields[name]
    if (text !== undefined && utf8Length(text) > maxBytes) throw new Refused('BAD_GROUP_FIELD', name)
  }
  if (fields.name === '') throw new Refused('BAD_GROUP_FIELD', 'name')
  const { joinOption, inviteOption } = fields
  const rules = GROUP_TYPES[type]
  const isFixed = joinOption !== undefined && !rules.choosesJoining && joinOption !== rules.joinOption
  if (isFixed) throw new Refused('BAD_GROUP_FIELD', 'joinOption')
  if (inviteOption !== undefined && !rules.isStored) throw new Refused('BAD_GROUP_FIELD', 'inviteOption')
}

/** Refuses BAD_GROUP_FIELD for a name in the group that is too long. */
export function assertNameCard(nameCard: string): void {
  if (utf8Length(nameCard) > LIMITS.nameCardBytes) throw new Refused('BAD_GROUP_FIELD', 'nameCard')
}

/** Refuses BAD_GROUP_FIELD for more custom fields than anybody keeps: each change adds to those that are there. */
export function assertCustomFields(fields: readonly unknown[]): void {
  if (fields.length > LIMITS.customFields) throw new Refused('BAD_GROUP_FIELD', 'custom')
}

const MADE_BY_US = '@TGS#'
const OF_COMMUNITIES = '@TGS#_'
const OF_TOPICS = '@TOPIC#_'

/** Refuses BAD_GROUP_ID for ids of the form that the server makes; a community's own begin like those it would make. */
export function assertCustomId(type: GroupType, groupId: string): void {
  const isOfCommunity = groupId.startsWith(OF_COMMUNITIES) && groupId.length > OF_COMMUNITIES.length
  const mayBegin = !groupId.startsWith(MADE_BY_US) || (type === 'community' && isOfCommunity)
  if (!mayBegin || groupId.includes(OF_TOPICS)) throw new Refused('BAD_GROUP_ID')
}

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const MADE_LENGTH = 12

/** An id as TIM makes them; communities are told by theirs. Chance alone keeps two apart, so a taken one is asked for again. */
export function makeGroupId(type: GroupType, randomBelow: (limit: number) => number): string {
  const letters = Array.from({ length: MADE_LENGTH }, () => ALPHABET.charAt(randomBelow(ALPHABET.length)))
  return `${MADE_BY_US}${type === 'community' ? '_' : ''}${letters.join('')}`
}
