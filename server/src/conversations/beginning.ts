import type { ConversationId, EntryOf } from '@hongyan/protocol'

/** What a user's own timeline says of a conversation that he is in from its first entry on. */
export function joinedFromTheBeginning(conversationId: ConversationId): EntryOf<'joined'> {
  return { kind: 'joined', conversationId, offset: 0, seq: 0, countable: 0 }
}
