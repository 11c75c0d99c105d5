import Type, { type Static } from 'typebox'
import { CustomFieldsSchema, GroupIdSchema, Milliseconds, NumberFrom0, NumberFrom1, UserIdSchema } from './scalars.ts'

/** TIM's Work (Private), Public, Meeting (ChatRoom), Community and AVChatRoom. */
export const GroupTypeSchema = Type.Union([
  Type.Literal('work'),
  Type.Literal('public'),
  Type.Literal('meeting'),
  Type.Literal('community'),
  Type.Literal('live'),
])
export type GroupType = Static<typeof GroupTypeSchema>

export const RoleSchema = Type.Union([Type.Literal('owner'), Type.Literal('admin'), Type.Literal('member')])
export type Role = Static<typeof RoleSchema>

/** How one becomes a member: at will, if somebody agrees, or not at all. For joining and for inviting. */
export const AccessSchema = Type.Union([Type.Literal('free'), Type.Literal('approval'), Type.Literal('closed')])
export type Access = Static<typeof AccessSchema>

/** What a user wants to hear of a conversation. `…-except-at`: unless he is mentioned. */
export const RemindSchema = Type.Union([
  Type.Literal('notify'),
  Type.Literal('silent'),
  Type.Literal('silent-except-at'),
  Type.Literal('discard'),
  Type.Literal('discard-except-at'),
])
export type Remind = Static<typeof RemindSchema>

const profile = {
  name: Type.String(),
  avatar: Type.String(),
  introduction: Type.String(),
  /** Shown to all members: the notice board. */
  notice: Type.String(),
  joinOption: AccessSchema,
  inviteOption: AccessSchema,
  /** Only owner and admins may speak. */
  isMuted: Type.Boolean(),
  custom: CustomFieldsSchema,
}

/** What members, and those who look for a group, see of it. */
export const GroupSchema = Type.Object({
  groupId: GroupIdSchema,
  type: GroupTypeSchema,
  ...profile,
  /** Empty for a work group whose owner has left. */
  ownerId: Type.Union([UserIdSchema, Type.Literal('')]),
  memberCount: NumberFrom0,
  maxMembers: NumberFrom1,
  createdAtMs: Milliseconds,
  /** When its profile or its members changed last. */
  changedAtMs: Milliseconds,
})
export type Group = Static<typeof GroupSchema>

/** Fields of a group that changed, with their new values. */
export const GroupChangeSchema = Type.Partial(Type.Object({ ...profile, ownerId: UserIdSchema }))
export type GroupChange = Static<typeof GroupChangeSchema>

/** A user's own place in a group. */
export const MembershipSchema = Type.Object({
  role: RoleSchema,
  nameCard: Type.String(),
  joinedAtMs: Milliseconds,
  /** May not speak before; 0 when he may. */
  mutedUntilMs: Milliseconds,
  custom: CustomFieldsSchema,
})
export type Membership = Static<typeof MembershipSchema>

/** A member as the others see him. */
export const MemberSchema = Type.Object({
  userId: UserIdSchema,
  nick: Type.String(),
  avatar: Type.String(),
  ...MembershipSchema.properties,
})
export type Member = Static<typeof MemberSchema>
