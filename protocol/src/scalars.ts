import Type from 'typebox'
import type { ConversationId, GroupId, TimelineId, UserId } from './ids.ts'
import { LIMITS } from './limits.ts'

/** The scalars the schemas are made of. Ids are only roughly checked here; their parsers decide. */
export const UserIdSchema = Type.Unsafe<UserId>(Type.String({ minLength: 1, maxLength: LIMITS.userIdBytes }))
export const ConversationIdSchema = Type.Unsafe<ConversationId>(Type.String({ minLength: 5, maxLength: 256 }))
export const GroupIdSchema = Type.Unsafe<GroupId>(Type.String({ minLength: 1, maxLength: LIMITS.groupIdBytes }))
export const TimelineIdSchema = Type.Unsafe<TimelineId>(Type.String({ minLength: 3, maxLength: 258 }))

/** A seq or an offset that exists: 1 to 2^53−1. */
export const NumberFrom1 = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
/** A seq, an offset or a count; 0 means "nothing yet". */
export const NumberFrom0 = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** Milliseconds since the Unix epoch. */
export const Milliseconds = Type.Integer({ minimum: 0, maximum: 8.64e15 })

export const ClientMsgIdSchema = Type.String({ pattern: `^[A-Za-z0-9_-]{1,${LIMITS.clientMsgIdChars}}$` })
export const InstanceIdSchema = Type.String({ pattern: `^[A-Za-z0-9_-]{1,${LIMITS.instanceIdChars}}$` })

/** Further fields of an application's own, by key; we look into none. */
export const CustomFieldsSchema = Type.Array(
  Type.Object({
    key: Type.String({ minLength: 1, maxLength: LIMITS.customKeyChars }),
    value: Type.String({ maxLength: LIMITS.customValueChars }),
  }),
  { maxItems: LIMITS.customFields },
)
