export * from './constants.ts'
// All of them, in place of those that the constants have for clients.
export { LIMITS } from './limits.ts'
export { COMMANDS, FAMILIES, type CommandName, type ReplyOf, type RequestOf } from './commands/index.ts'
export type { CommandSpec } from './command.ts'
export { FileKindSchema, type FileKind, type MediaToken, type StoredFile } from './commands/media.ts'
export {
  ConversationStateSchema,
  ProfileSchema,
  type About,
  type ConversationState,
  type Mention,
  type Profile,
} from './conversation.ts'
export type { Notice, NoticeOp, Person, Tip } from './group-element.ts'
export type { Access, Group, GroupChange, GroupType, Member, Membership, Remind, Role } from './group.ts'
export type { ProfileDetails, UserProfile } from './profile.ts'
export {
  EntrySchema,
  VolatileEntrySchema,
  type Entry,
  type EntryOf,
  type ReceiptCount,
  type VolatileEntry,
} from './entry.ts'
export type {
  ClientFrame,
  ErrorFrame,
  PingFrame,
  PongFrame,
  PushFrame,
  ReplyFrame,
  RequestFrame,
  ServerFrame,
  VolatileFrame,
} from './frame.ts'
export {
  ElementSchema,
  MessageSchema,
  SentElementSchema,
  type Element,
  type Message,
  type SentElement,
  type VolatileMessage,
} from './message.ts'
