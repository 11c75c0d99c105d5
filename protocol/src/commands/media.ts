import Type, { type Static } from 'typebox'
import { defineCommand } from '../command.ts'
import { LIMITS } from '../limits.ts'
import { ConversationIdSchema, Milliseconds } from '../scalars.ts'

export const FileKindSchema = Type.Union([
  Type.Literal('image'),
  Type.Literal('audio'),
  Type.Literal('video'),
  Type.Literal('file'),
  /** A merged list that is too long for its message. */
  Type.Literal('merger'),
])
export type FileKind = Static<typeof FileKindSchema>

const FileIdSchema = Type.String({ pattern: `^[A-Za-z0-9_-]{${LIMITS.fileIdChars}}$` })
const Picture = Type.Object({ bytes: Type.Integer(), width: Type.Integer(), height: Type.Integer() })

/** What is known of an uploaded file. */
export const StoredFileSchema = Type.Object({
  fileId: FileIdSchema,
  kind: FileKindSchema,
  name: Type.String(),
  bytes: Type.Integer(),
  /** As the content says, not the name: `jpg`, `mp4`, `pdf`; empty when it is not known. */
  format: Type.String(),
  /** For pictures: upright, as they are shown. */
  picture: Type.Optional(
    Type.Object({ width: Type.Integer(), height: Type.Integer(), small: Picture, large: Picture }),
  ),
})
export type StoredFile = Static<typeof StoredFileSchema>

/** The right to open files: to be put into the addresses of media (`/im/media/<fileId>[/small|/large]?t=<token>`). */
export const MediaTokenSchema = Type.Object({ token: Type.String(), expiresAtMs: Milliseconds })
export type MediaToken = Static<typeof MediaTokenSchema>

export const mediaCommands = {
  /**
   * Asks to upload a file for a conversation. The bytes then go to `path` (on the server's HTTP address) by PUT as they
   * are, or by POST as the part `file` of a form. Refused FILE_TOO_LARGE, QUOTA_EXCEEDED, NOT_A_MEMBER.
   */
  'media.ticket': defineCommand({
    request: Type.Object({
      conversationId: ConversationIdSchema,
      kind: FileKindSchema,
      name: Type.String({ maxLength: LIMITS.fileNameChars }),
      bytes: Type.Integer({ minimum: 1, maximum: LIMITS.fileBytes }),
    }),
    reply: Type.Object({ fileId: FileIdSchema, path: Type.String(), expiresAtMs: Milliseconds }),
  }),
  /** What was stored of an upload of the caller's. Refused NO_SUCH_FILE before all of it has arrived. */
  'media.info': defineCommand({ request: Type.Object({ fileId: FileIdSchema }), reply: StoredFileSchema }),
  /** A fresh token; the one of the session's opening runs out. */
  'media.token': defineCommand({ request: Type.Object({}), reply: MediaTokenSchema }),
}
