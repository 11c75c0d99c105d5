import Type, { type Static } from 'typebox'
import { LIMITS } from './limits.ts'
import { CustomFieldsSchema, Milliseconds, UserIdSchema } from './scalars.ts'

/** What a user says about himself, besides his nick and his picture. All optional: absent means never said. */
export const ProfileDetailsSchema = Type.Object(
  {
    gender: Type.Optional(Type.Union([Type.Literal('female'), Type.Literal('male'), Type.Literal('unknown')])),
    /** As a number yyyymmdd. */
    birthday: Type.Optional(Type.Integer({ minimum: 0, maximum: 99_991_231 })),
    location: Type.Optional(Type.String({ maxLength: 64 })),
    signature: Type.Optional(Type.String({ maxLength: LIMITS.customValueChars })),
    language: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffffffff })),
    /** Who may add him to his contacts. */
    friendsBy: Type.Optional(Type.Union([Type.Literal('anybody'), Type.Literal('consent'), Type.Literal('nobody')])),
    messageSettings: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffffffff })),
    level: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffffffff })),
    role: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffffffff })),
    custom: Type.Optional(CustomFieldsSchema),
  },
  { additionalProperties: false },
)
export type ProfileDetails = Static<typeof ProfileDetailsSchema>

/** A user's whole profile. */
export const UserProfileSchema = Type.Object({
  userId: UserIdSchema,
  nick: Type.String(),
  avatar: Type.String(),
  details: ProfileDetailsSchema,
  /** 0 when it was never changed. */
  changedAtMs: Milliseconds,
})
export type UserProfile = Static<typeof UserProfileSchema>
