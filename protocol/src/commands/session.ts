import Type from 'typebox'
import { defineCommand } from '../command.ts'
import { MediaTokenSchema } from './media.ts'
import { InstanceIdSchema, Milliseconds, NumberFrom1, UserIdSchema } from '../scalars.ts'

/** Classes of device; a login displaces older ones of its own class (or of all classes, as the operator decides). */
export const DeviceSchema = Type.Union([
  Type.Literal('web'),
  Type.Literal('wx'),
  Type.Literal('node'),
  Type.Literal('ios'),
  Type.Literal('android'),
])

export const sessionCommands = {
  /** The first request of every connection ([OPEN-1]). */
  'session.open': defineCommand({
    request: Type.Object({
      protocolVersion: Type.Integer(),
      sdkAppId: Type.Integer(),
      userId: UserIdSchema,
      userSig: Type.String(),
      /** Made once by each SDK object; survives its reconnects. */
      instanceId: InstanceIdSchema,
      device: DeviceSchema,
      /** Name and version of the client, for the help desk. */
      agent: Type.Optional(Type.String({ maxLength: 200 })),
      /** Present when an instance comes back after a lost connection: its loginKey. Refused DISPLACED when a newer login has taken its place. */
      resume: Type.Optional(NumberFrom1),
    }),
    reply: Type.Object({
      /** The generation of this login: the next login of this user has a greater one. */
      loginKey: NumberFrom1,
      /** The user's number in message ids. */
      tinyId: Type.String(),
      serverTimeMs: Milliseconds,
      /** The state of the store, as sync.snapshot names it: who has cursors of the same one may go on at once. */
      epoch: Type.String(),
      pingEveryMs: Type.Integer({ minimum: 1 }),
      nick: Type.String(),
      avatar: Type.String(),
      media: MediaTokenSchema,
    }),
  }),
  /** Logs the instance out: its place is free, and it will not be resumed. */
  'session.close': defineCommand({ request: Type.Object({}), reply: Type.Object({}) }),
}
