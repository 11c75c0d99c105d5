import type { Access, Group, GroupType, Membership, UserId } from '@hongyan/protocol'
import { roleOf } from './role-rules.ts'

/** A group as SQL gives it, for `chat_group g LEFT JOIN account o` (owner). */
export interface GroupRow {
  readonly timelineKey: number
  readonly groupId: Group['groupId']
  readonly type: GroupType
  readonly name: string
  readonly avatar: string
  readonly introduction: string
  readonly notice: string
  readonly ownerKey: number | null
  readonly ownerId: UserId | null
  readonly maxMembers: number
  readonly memberCount: number
  readonly joinOption: Access
  readonly inviteOption: Access
  readonly isMuted: boolean
  readonly custom: Group['custom']
  readonly createdAtMs: number
  readonly changedAtMs: number
  readonly dismissedAtMs: number | null
}

export const GROUP_COLUMNS = `g.timeline_key AS "timelineKey", g.id AS "groupId", g.type, g.name, g.avatar, g.introduction,
  g.notice, g.owner_key AS "ownerKey", o.id AS "ownerId", g.max_members AS "maxMembers", g.member_count AS "memberCount",
  g.join_option AS "joinOption", g.invite_option AS "inviteOption", g.is_muted AS "isMuted", g.custom,
  g.created_at_ms AS "createdAtMs", g.changed_at_ms AS "changedAtMs", g.dismissed_at_ms AS "dismissedAtMs"`

/** The group as it goes over the wire. */
export function groupOfRow(row: GroupRow): Group {
  const { timelineKey: _key, ownerKey: _owner, dismissedAtMs: _dismissed, ownerId, ...rest } = row
  return { ...rest, ownerId: ownerId ?? '' }
}

/** A member as SQL gives him, for `member m JOIN account a`. */
export interface MemberRow {
  readonly accountKey: number
  readonly userId: UserId
  readonly nick: string
  readonly avatar: string
  readonly role: number
  readonly nameCard: string
  readonly joinedOffset: number
  readonly joinedAtMs: number
  readonly mutedUntilMs: number
  readonly custom: Membership['custom']
}

export const MEMBER_COLUMNS = `m.account_key AS "accountKey", a.id AS "userId", a.nick, a.avatar, m.role,
  m.name_card AS "nameCard", m.joined_offset AS "joinedOffset", m.joined_at_ms AS "joinedAtMs",
  m.muted_until_ms AS "mutedUntilMs", m.custom`

export function membershipOf(
  row: Pick<MemberRow, 'role' | 'nameCard' | 'joinedAtMs' | 'mutedUntilMs' | 'custom'>,
): Membership {
  const { role, nameCard, joinedAtMs, mutedUntilMs, custom } = row
  return { role: roleOf(role), nameCard, joinedAtMs, mutedUntilMs, custom }
}
