import Type, { type Static } from 'typebox'
import { LIMITS } from './limits.ts'
import { ConversationIdSchema, Milliseconds, NumberFrom0, NumberFrom1, UserIdSchema } from './scalars.ts'

const strict = { additionalProperties: false } as const
// The frame is the bound here; whether the message is too large is for the server to say by name.
const Text = Type.String({ maxLength: LIMITS.frameBytes })

export const TextElement = Type.Object({ type: Type.Literal('text'), text: Text }, strict)

/** Data of the application's own; we carry three strings and look into none. */
export const CustomElement = Type.Object(
  { type: Type.Literal('custom'), data: Text, description: Text, extension: Text },
  strict,
)

/** A sticker: a number and a string that mean something to the application. */
export const FaceElement = Type.Object(
  {
    type: Type.Literal('face'),
    index: Type.Integer({ minimum: -2147483648, maximum: 2147483647 }),
    data: Text,
  },
  strict,
)

export const LocationElement = Type.Object(
  {
    type: Type.Literal('location'),
    description: Text,
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
  },
  strict,
)

/** A typed part of a message. */
export const ElementSchema = Type.Union([TextElement, CustomElement, FaceElement, LocationElement])
export type Element = Static<typeof ElementSchema>

export const PrioritySchema = Type.Union([Type.Literal('high'), Type.Literal('low'), Type.Literal('lowest')])

/** What the sender decides about a message. */
export const draftFields = {
  elements: Type.Array(ElementSchema, { minItems: 1, maxItems: LIMITS.elementsPerMessage }),
  /** Travels with the message, unread by us (TIM: cloudCustomData). */
  customData: Type.Optional(Text),
  /** Absent means normal. */
  priority: Type.Optional(PrioritySchema),
  /** The sender wants to know who has read it. */
  needsReceipt: Type.Optional(Type.Literal(true)),
  /** Does not raise anybody's unread number. */
  uncounted: Type.Optional(Type.Literal(true)),
  /** Is not shown as the conversation's last message. */
  notLast: Type.Optional(Type.Literal(true)),
}

const fromSender = {
  /** `<the sender's tiny id>-<clientMsgId>`: known before sending, the same on every device for ever. */
  id: Type.String(),
  conversationId: ConversationIdSchema,
  senderId: UserIdSchema,
  /** The server's clock; grows by at least 1 from message to message of a conversation. For display, never for order. */
  sentAtMs: Milliseconds,
  /** Empty once the message is revoked: what is revoked is gone (promise I6). */
  elements: Type.Array(ElementSchema),
  customData: draftFields.customData,
  priority: draftFields.priority,
  needsReceipt: draftFields.needsReceipt,
  uncounted: draftFields.uncounted,
  notLast: draftFields.notLast,
  /** The sender's profile when the message was sent. */
  senderNick: Type.Optional(Type.String()),
  senderAvatar: Type.Optional(Type.String()),
}

export const RevocationSchema = Type.Object({
  by: UserIdSchema,
  atMs: Milliseconds,
  reason: Type.Optional(Type.String({ maxLength: LIMITS.revokeReasonChars })),
})

/** One stored utterance. */
export const MessageSchema = Type.Object({
  ...fromSender,
  seq: NumberFrom1,
  /** Countable messages of the conversation up to and including this one. */
  countable: NumberFrom0,
  revoked: Type.Optional(RevocationSchema),
})
export type Message = Static<typeof MessageSchema>

/** An utterance that is not stored, has no place in the order and may be lost: typing, signalling, online-only messages. */
export const VolatileMessageSchema = Type.Object(fromSender)
export type VolatileMessage = Static<typeof VolatileMessageSchema>
