export * from './constants.ts'
export { COMMANDS, FAMILIES, type CommandName, type ReplyOf, type RequestOf } from './commands/index.ts'
export type { CommandSpec } from './command.ts'
export { ConversationStateSchema, ProfileSchema, type ConversationState, type Profile } from './conversation.ts'
export { EntrySchema, VolatileEntrySchema, type Entry, type EntryOf, type VolatileEntry } from './entry.ts'
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
export { ElementSchema, MessageSchema, type Element, type Message, type VolatileMessage } from './message.ts'
