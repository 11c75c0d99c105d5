import { TYPES, type Group, type GroupMember } from '../im/sdk'
import type { Words } from '../text/zh'
import { faceOf, type Face } from './face'

/** Somebody the user shares a class with or talked to. */
export interface Person {
  readonly userID: string
  readonly name: string
  readonly avatar: string
  /** Leads a class: its owner or an admin. */
  readonly isTeacher: boolean
  /** Where one knows him from. */
  readonly hint: string
}

export interface PersonRow {
  readonly id: string
  readonly name: string
  readonly hint: string
  readonly face: Face
}

/** The person that a member of a group is. */
export function personOf(member: GroupMember, group: Pick<Group, 'name'>, words: Words): Person {
  const { userID, nick, nameCard, avatar, role } = member
  const hint = roleHint(role, group.name, words)
  return { userID, name: nameCard || nick || userID, avatar, isTeacher: leads(role), hint }
}

export function leads(role: string): boolean {
  return role === TYPES.GRP_MBR_ROLE_OWNER || role === TYPES.GRP_MBR_ROLE_ADMIN
}

function roleHint(role: string, group: string, { says }: Words): string {
  if (role === TYPES.GRP_MBR_ROLE_OWNER) return says.ownerOf(group)
  return role === TYPES.GRP_MBR_ROLE_ADMIN ? says.adminOf(group) : group
}

/** One entry for each person: leading a class somewhere counts more than being a member elsewhere. */
export function mergePeople(people: readonly Person[], me: string): readonly Person[] {
  const merged = new Map<string, Person>()
  for (const person of people) {
    if (person.userID === me) continue
    const known = merged.get(person.userID)
    const isBetter = known === undefined || (person.isTeacher && !known.isTeacher) || known.hint === ''
    if (isBetter) merged.set(person.userID, person)
  }
  return [...merged.values()].sort(byName)
}

/** The order that the phone's language has for names; where it has none, that of the characters. */
function byName(one: Person, other: Person): number {
  return one.name.localeCompare(other.name, 'zh')
}

export function personRow({ userID, name, avatar, hint }: Person): PersonRow {
  return { id: userID, name, hint, face: faceOf(userID, name, avatar) }
}
