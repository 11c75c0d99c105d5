import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { AccessSchema, GroupSchema, GroupTypeSchema, MembershipSchema, MemberSchema, RoleSchema } from '../group.ts'
import { LIMITS } from '../limits.ts'
import { MessageSchema } from '../message.ts'
import { PersonSchema } from '../group-element.ts'
import {
  ClientMsgIdSchema,
  ConversationIdSchema,
  CustomFieldsSchema,
  GroupIdSchema,
  Milliseconds,
  NumberFrom0,
  NumberFrom1,
  UserIdSchema,
} from '../scalars.ts'

const inGroup = { groupId: GroupIdSchema }
const Wording = Type.Optional(Type.String({ maxLength: LIMITS.wordingChars }))
const SomeUsers = Type.Array(UserIdSchema, { minItems: 1, maxItems: LIMITS.membersPerRequest })
const GroupReply = Type.Object({ group: GroupSchema, self: Type.Optional(MembershipSchema) })
const Attributes = Type.Record(Type.String({ minLength: 1 }), Type.String(), { maxProperties: LIMITS.groupAttributes })
const Keys = Type.Array(Type.String(), { maxItems: LIMITS.groupAttributes })

const editable = {
  name: Type.Optional(Type.String()),
  avatar: Type.Optional(Type.String()),
  introduction: Type.Optional(Type.String()),
  notice: Type.Optional(Type.String()),
  joinOption: Type.Optional(AccessSchema),
  inviteOption: Type.Optional(AccessSchema),
  custom: Type.Optional(CustomFieldsSchema),
}

/** Somebody's wish to be in a group, which somebody else has to decide. */
export const ApplicationSchema = Type.Object({
  applicationId: Type.String(),
  groupId: GroupIdSchema,
  groupName: Type.String(),
  groupType: GroupTypeSchema,
  /** Who would become a member. */
  applicant: PersonSchema,
  /** Who invited him; absent when he asks himself. */
  inviter: Type.Optional(PersonSchema),
  text: Type.String(),
  atMs: Milliseconds,
})

export const groupCommands = {
  /** Founds a group; the caller is its owner. Users that the group has no room for are told in `overLimit`. */
  'group.create': defineCommand({
    request: Type.Object({
      /** Made by the caller; the same again gives the same group, so that it may be sent again after a loss. */
      requestId: ClientMsgIdSchema,
      groupId: Type.Optional(GroupIdSchema),
      type: GroupTypeSchema,
      ...editable,
      name: Type.String(),
      maxMembers: Type.Optional(NumberFrom1),
      members: Type.Optional(
        Type.Array(
          Type.Object({
            userId: UserIdSchema,
            role: Type.Optional(RoleSchema),
            custom: Type.Optional(CustomFieldsSchema),
          }),
          { maxItems: LIMITS.initialMembers },
        ),
      ),
    }),
    reply: Type.Object({ group: GroupSchema, self: MembershipSchema, overLimit: Type.Array(UserIdSchema) }),
  }),
  /** What anybody may see of groups; those that do not exist, or that may not be found, are absent. */
  'group.find': defineCommand({
    request: Type.Object({ groupIds: Type.Array(GroupIdSchema, { minItems: 1, maxItems: LIMITS.groupsPerRequest }) }),
    reply: Type.Object({ groups: Type.Array(GroupSchema) }),
  }),
  /** Changes what is named. Who may depends on the type; everybody may not speak (`isMuted`) by owner and admins. */
  'group.update': defineCommand({
    request: Type.Object({ ...inGroup, ...editable, isMuted: Type.Optional(Type.Boolean()) }),
    reply: GroupReply,
  }),
  'group.dismiss': defineCommand({ request: Type.Object(inGroup), reply: Type.Object({}) }),
  'group.transfer': defineCommand({ request: Type.Object({ ...inGroup, userId: UserIdSchema }), reply: GroupReply }),
  /** `waiting`: owner or admins have to agree. */
  'group.join': defineCommand({
    request: Type.Object({ ...inGroup, text: Wording }),
    reply: Type.Object({
      status: Type.Union([Type.Literal('joined'), Type.Literal('waiting'), Type.Literal('member-already')]),
      /** Of a live room: where its timeline stands; the session is pushed what comes after. */
      offset: Type.Optional(NumberFrom0),
      group: Type.Optional(GroupSchema),
      self: Type.Optional(MembershipSchema),
    }),
  }),
  'group.quit': defineCommand({ request: Type.Object(inGroup), reply: Type.Object({}) }),
  /** Makes users members, or asks for the consent that is needed. Each of them is in exactly one list. */
  'group.invite': defineCommand({
    request: Type.Object({ ...inGroup, userIds: SomeUsers, text: Wording }),
    reply: Type.Object({
      joined: Type.Array(UserIdSchema),
      /** Somebody has to agree first. */
      waiting: Type.Array(UserIdSchema),
      already: Type.Array(UserIdSchema),
      overLimit: Type.Array(UserIdSchema),
      /** No such user. */
      unknown: Type.Array(UserIdSchema),
    }),
  }),
  /** Removes members; `banSeconds`: they may not come back for so long. Those who may not be removed refuse all. */
  'group.kick': defineCommand({
    request: Type.Object({
      ...inGroup,
      userIds: SomeUsers,
      reason: Wording,
      banSeconds: Type.Optional(NumberFrom0),
    }),
    reply: Type.Object({ removed: Type.Array(UserIdSchema) }),
  }),
  'group.setRole': defineCommand({
    request: Type.Object({ ...inGroup, userId: UserIdSchema, role: RoleSchema }),
    reply: Type.Object({ member: MemberSchema }),
  }),
  /** Who may not speak for so long; 0 ends it. */
  'group.mute': defineCommand({
    request: Type.Object({ ...inGroup, userId: UserIdSchema, seconds: NumberFrom0 }),
    reply: Type.Object({ member: MemberSchema }),
  }),
  /** A member's name in the group, and his custom fields: his own, or another's by owner and admins. */
  'group.setMember': defineCommand({
    request: Type.Object({
      ...inGroup,
      userId: UserIdSchema,
      nameCard: Type.Optional(Type.String()),
      custom: Type.Optional(CustomFieldsSchema),
    }),
    reply: Type.Object({ member: MemberSchema }),
  }),
  /** Owner first, then admins, then members, each in the order in which they came. */
  'group.members': defineCommand({
    request: Type.Object({
      ...inGroup,
      role: Type.Optional(RoleSchema),
      /** From the last page's `next`. */
      after: Type.Optional(Type.String({ maxLength: 64 })),
      limit: Type.Integer({ minimum: 1, maximum: LIMITS.memberPage }),
    }),
    reply: Type.Object({ members: Type.Array(MemberSchema), next: Type.Optional(Type.String()) }),
  }),
  /** These members; who is none is absent. */
  'group.findMembers': defineCommand({
    request: Type.Object({
      ...inGroup,
      userIds: Type.Array(UserIdSchema, { minItems: 1, maxItems: LIMITS.memberProfilesPerRequest }),
    }),
    reply: Type.Object({ members: Type.Array(MemberSchema) }),
  }),
  /** Members who are connected now; in a live room those who are in it. */
  'group.onlineCount': defineCommand({
    request: Type.Object(inGroup),
    reply: Type.Object({ count: NumberFrom0 }),
  }),
  /** What the caller has to decide: applications to his groups, invitations to himself. Newest first. */
  'group.applications': defineCommand({
    request: Type.Object({}),
    reply: Type.Object({ applications: Type.Array(ApplicationSchema) }),
  }),
  'group.decide': defineCommand({
    request: Type.Object({ applicationId: Type.String({ maxLength: 64 }), agree: Type.Boolean(), text: Wording }),
    reply: Type.Object({ group: GroupSchema }),
  }),
  /** `replaces`: these are all there are from now on. Refused ATTRIBUTE_CONFLICT when somebody was faster. */
  'group.setAttributes': defineCommand({
    request: Type.Object({ ...inGroup, attributes: Attributes, replaces: Type.Boolean() }),
    reply: Type.Object({}),
  }),
  /** Without keys: all. Refused NO_SUCH_ATTRIBUTE when none of them is there. */
  'group.deleteAttributes': defineCommand({
    request: Type.Object({ ...inGroup, keys: Keys }),
    reply: Type.Object({ keys: Type.Array(Type.String()) }),
  }),
  'group.attributes': defineCommand({
    request: Type.Object(inGroup),
    reply: Type.Object({ attributes: Type.Record(Type.String(), Type.String()) }),
  }),
  /** Sets counters to these values, or adds them (`adds`): never lost when two add at once. */
  'group.setCounters': defineCommand({
    request: Type.Object({
      ...inGroup,
      counters: Type.Record(
        Type.String({ minLength: 1, maxLength: LIMITS.customKeyChars }),
        Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
        { minProperties: 1, maxProperties: LIMITS.groupCounters },
      ),
      adds: Type.Boolean(),
    }),
    reply: Type.Object({ counters: Type.Record(Type.String(), Type.Number()) }),
  }),
  'group.counters': defineCommand({
    request: Type.Object(inGroup),
    reply: Type.Object({ counters: Type.Record(Type.String(), Type.Number()) }),
  }),
  /** Pins a message for everybody, or no longer. */
  'group.pinMessage': defineCommand({
    request: Type.Object({ conversationId: ConversationIdSchema, seq: NumberFrom1, pinned: Type.Boolean() }),
    reply: Type.Object({}),
  }),
  /** Newest pin first. */
  'group.pinnedMessages': defineCommand({
    request: Type.Object(inGroup),
    reply: Type.Object({
      pinned: Type.Array(Type.Object({ message: MessageSchema, by: PersonSchema, atMs: Milliseconds })),
    }),
  }),
}
