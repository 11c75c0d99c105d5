import Type, { type Static } from 'typebox'
import { GroupChangeSchema, GroupTypeSchema } from './group.ts'
import { GroupIdSchema, Milliseconds, NumberFrom0, UserIdSchema } from './scalars.ts'

/** Somebody a tip is about; the names are missing where there are too many. */
export const PersonSchema = Type.Object({
  userId: UserIdSchema,
  nick: Type.Optional(Type.String()),
  avatar: Type.Optional(Type.String()),
})
export type Person = Static<typeof PersonSchema>

const people = { by: PersonSchema, users: Type.Array(PersonSchema) }
const counted = { ...people, memberCount: NumberFrom0 }

/** What happened in a group. Client and server change what they know of the group by it. */
export const TipSchema = Type.Union([
  /** `users` are members from here on; invited by `by`, or by themselves. */
  Type.Object({ op: Type.Literal('joined'), invited: Type.Boolean(), ...counted }),
  Type.Object({ op: Type.Literal('quit'), ...counted }),
  Type.Object({ op: Type.Literal('kicked'), reason: Type.Optional(Type.String()), ...counted }),
  Type.Object({ op: Type.Literal('admin-set'), ...people }),
  Type.Object({ op: Type.Literal('admin-unset'), ...people }),
  Type.Object({ op: Type.Literal('group-changed'), by: PersonSchema, changed: GroupChangeSchema }),
  /** They may not speak before `untilMs`; 0 when they may again. */
  Type.Object({ op: Type.Literal('members-muted'), ...people, untilMs: Milliseconds, seconds: NumberFrom0 }),
])
export type Tip = Static<typeof TipSchema>

/** In a group, from the server: told to everybody, in the order of the messages. */
export const TipElement = Type.Object({ type: Type.Literal('tip'), tip: TipSchema })

/** What a notice is about. */
export const NoticeOpSchema = Type.Union([
  /** To owner and admins: `by` asks to join, with `text`. Answered by its application id. */
  Type.Literal('applied'),
  /** To who applied. */
  Type.Literal('accepted'),
  Type.Literal('refused'),
  Type.Literal('kicked'),
  Type.Literal('dismissed'),
  Type.Literal('created'),
  /** The user was made a member. */
  Type.Literal('invited'),
  Type.Literal('quit'),
  Type.Literal('admin-set'),
  Type.Literal('admin-unset'),
  /** To who is invited and must agree. Answered by its application id. */
  Type.Literal('invitation'),
  /** To who invited. */
  Type.Literal('invitation-accepted'),
  Type.Literal('invitation-refused'),
  Type.Literal('banned'),
  /** The application's own words. */
  Type.Literal('custom'),
])
export type NoticeOp = Static<typeof NoticeOpSchema>

/** To one user, from the server: what happened to him in a group, or what he has to decide. */
export const NoticeElement = Type.Object({
  type: Type.Literal('notice'),
  op: NoticeOpSchema,
  groupId: GroupIdSchema,
  groupName: Type.String(),
  groupType: GroupTypeSchema,
  by: PersonSchema,
  text: Type.Optional(Type.String()),
  /** For what must be answered. */
  applicationId: Type.Optional(Type.String()),
})
export type Notice = Static<typeof NoticeElement>
