import type { Role } from '@hongyan/protocol'

/** In the order of their rank: the number of a role is its place here. */
const ROLES: readonly Role[] = ['owner', 'admin', 'member']

export function roleOf(number: number): Role {
  return ROLES[number] ?? 'member'
}

export function roleNumber(role: Role): number {
  return ROLES.indexOf(role)
}
