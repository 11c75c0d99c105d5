import type { ReplyOfSpec, RequestOfSpec } from '../command.ts'
import { conversationCommands } from './conversation.ts'
import { extensionCommands } from './extension.ts'
import { groupCommands } from './group.ts'
import { mediaCommands } from './media.ts'
import { messageCommands } from './message.ts'
import { profileCommands } from './profile.ts'
import { reactionCommands } from './reaction.ts'
import { receiptCommands } from './receipt.ts'
import { searchCommands } from './search.ts'
import { sessionCommands } from './session.ts'
import { syncCommands } from './sync.ts'

/** The families, one file each. */
export const FAMILIES = [
  sessionCommands,
  syncCommands,
  messageCommands,
  receiptCommands,
  conversationCommands,
  profileCommands,
  groupCommands,
  reactionCommands,
  extensionCommands,
  mediaCommands,
  searchCommands,
] as const

/** Every command of the wire. */
export const COMMANDS = {
  ...sessionCommands,
  ...syncCommands,
  ...messageCommands,
  ...receiptCommands,
  ...conversationCommands,
  ...profileCommands,
  ...groupCommands,
  ...reactionCommands,
  ...extensionCommands,
  ...mediaCommands,
  ...searchCommands,
}

export type CommandName = keyof typeof COMMANDS
export type RequestOf<Name extends CommandName> = RequestOfSpec<(typeof COMMANDS)[Name]>
export type ReplyOf<Name extends CommandName> = ReplyOfSpec<(typeof COMMANDS)[Name]>
