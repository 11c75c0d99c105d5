import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { LIMITS } from '../limits.ts'
import { ProfileDetailsSchema, UserProfileSchema } from '../profile.ts'
import { UserIdSchema } from '../scalars.ts'

export const profileCommands = {
  /** What others see of these users; unknown users are absent. */
  'profile.get': defineCommand({
    request: Type.Object({
      userIds: Type.Array(UserIdSchema, { minItems: 1, maxItems: LIMITS.profilesPerRequest }),
    }),
    reply: Type.Object({ profiles: Type.Array(UserProfileSchema) }),
  }),
  /** Changes the fields that are named; his later messages carry the new nick and picture. Idempotent. */
  'profile.update': defineCommand({
    request: Type.Object({
      nick: Type.Optional(Type.String()),
      avatar: Type.Optional(Type.String()),
      details: Type.Optional(ProfileDetailsSchema),
    }),
    reply: Type.Object({ profile: UserProfileSchema }),
  }),
}
