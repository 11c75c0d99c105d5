import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { ProfileSchema } from '../conversation.ts'
import { LIMITS } from '../limits.ts'
import { UserIdSchema } from '../scalars.ts'

export const profileCommands = {
  /** What others see of these users; unknown users are absent. */
  'profile.get': defineCommand({
    request: Type.Object({
      userIds: Type.Array(UserIdSchema, { minItems: 1, maxItems: LIMITS.profilesPerRequest }),
    }),
    reply: Type.Object({ profiles: Type.Array(ProfileSchema) }),
  }),
}
