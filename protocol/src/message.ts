import Type, { type Static } from 'typebox'
import { LIMITS } from './limits.ts'
import { ConversationIdSchema, Milliseconds, NumberFrom0, NumberFrom1, UserIdSchema } from './scalars.ts'
import { NoticeElement, TipElement } from './group-element.ts'

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

const FileIdSchema = Type.String({ pattern: `^[A-Za-z0-9_-]{${LIMITS.fileIdChars}}$` })
const FileBytes = Type.Integer({ minimum: 0, maximum: LIMITS.fileBytes })
const Edge = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const Seconds = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const Picture = { bytes: FileBytes, width: Edge, height: Edge }

/** A picture, with its two smaller copies; their addresses follow from the file's id. */
export const ImageElement = Type.Object(
  {
    type: Type.Literal('image'),
    fileId: FileIdSchema,
    format: Type.Union([
      Type.Literal('jpg'),
      Type.Literal('png'),
      Type.Literal('gif'),
      Type.Literal('bmp'),
      Type.Literal('webp'),
      Type.Literal('other'),
    ]),
    ...Picture,
    /** The shorter edge has 198 px, or less where the picture has less. */
    small: Type.Object(Picture, strict),
    /** The shorter edge has 720 px, or less. */
    large: Type.Object(Picture, strict),
  },
  strict,
)

export const AudioElement = Type.Object(
  { type: Type.Literal('audio'), fileId: FileIdSchema, bytes: FileBytes, seconds: Seconds },
  strict,
)

export const VideoElement = Type.Object(
  {
    type: Type.Literal('video'),
    fileId: FileIdSchema,
    /** As its name ends: `mp4`. */
    format: Type.String({ maxLength: 16 }),
    bytes: FileBytes,
    seconds: Seconds,
    /** A picture of it, uploaded beside it. */
    cover: Type.Optional(Type.Object({ fileId: FileIdSchema, ...Picture }, strict)),
  },
  strict,
)

export const FileElement = Type.Object(
  {
    type: Type.Literal('file'),
    fileId: FileIdSchema,
    name: Type.String({ maxLength: LIMITS.fileNameChars }),
    bytes: FileBytes,
  },
  strict,
)

/**
 * Messages of some conversation, handed on as one. The list is the application's own JSON and we look into it no more
 * than into custom data; what it shows of files is named beside it, so that whoever may read it may open them.
 */
export const MergerElement = Type.Object(
  {
    type: Type.Literal('merger'),
    title: Text,
    abstracts: Type.Array(Text, { maxItems: LIMITS.mergerAbstracts }),
    compatibleText: Text,
    /** The list itself, as JSON; or the file that holds it, when it is too long. */
    list: Type.Union([Type.Object({ json: Text }, strict), Type.Object({ fileId: FileIdSchema }, strict)]),
    /** Files of the merged messages. */
    fileIds: Type.Array(FileIdSchema, { maxItems: LIMITS.filesPerMessage }),
  },
  strict,
)

/** What a sender may send. */
export const SentElementSchema = Type.Union([
  TextElement,
  CustomElement,
  FaceElement,
  LocationElement,
  ImageElement,
  AudioElement,
  VideoElement,
  FileElement,
  MergerElement,
])
export type SentElement = Static<typeof SentElementSchema>

/** A typed part of a message: sent by a user, or written by the server into a group (tip) or to a user (notice). */
export const ElementSchema = Type.Union([...SentElementSchema.anyOf, TipElement, NoticeElement])
export type Element = Static<typeof ElementSchema>

export const PrioritySchema = Type.Union([Type.Literal('high'), Type.Literal('low'), Type.Literal('lowest')])

/** What the sender decides about a message. */
export const draftFields = {
  elements: Type.Array(SentElementSchema, { minItems: 1, maxItems: LIMITS.elementsPerMessage }),
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
  /** Key-value extensions may be put on it. */
  extensible: Type.Optional(Type.Literal(true)),
  /** In a group: who is called by name, and whether everybody is. */
  mentions: Type.Optional(
    Type.Object(
      {
        userIds: Type.Array(UserIdSchema, { maxItems: LIMITS.mentionsPerMessage }),
        all: Type.Boolean(),
      },
      strict,
    ),
  ),
  /** In a group: for these members alone. Counts for nobody, mentions nobody. */
  receiverIds: Type.Optional(Type.Array(UserIdSchema, { minItems: 1, maxItems: LIMITS.receiversPerMessage })),
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
  extensible: draftFields.extensible,
  mentions: draftFields.mentions,
  receiverIds: draftFields.receiverIds,
  /** The sender's profile when the message was sent. */
  senderNick: Type.Optional(Type.String()),
  senderAvatar: Type.Optional(Type.String()),
  /** His name in the group. */
  senderCard: Type.Optional(Type.String()),
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
  /** How often its content was changed; absent for never. */
  version: Type.Optional(NumberFrom1),
  /** One-to-one: when the peer sent his receipt for it. */
  receiptAtMs: Type.Optional(Milliseconds),
})
export type Message = Static<typeof MessageSchema>

/** An utterance that is not stored, has no place in the order and may be lost: typing, signalling, online-only messages. */
export const VolatileMessageSchema = Type.Object(fromSender)
export type VolatileMessage = Static<typeof VolatileMessageSchema>
