import type { Conversation } from './client-api.ts'

/**
 * Canonical JSON of what is believed of these conversations: equal on two devices of a user exactly when both show the
 * same. Conversations that were only looked up exist on one device alone and are left out.
 */
export function digestOf(conversations: Iterable<Conversation>): string {
  const rows = []
  for (const c of conversations) {
    if (c.lastSeq === 0 && c.pinnedAtMs === undefined) continue
    rows.push([
      c.conversationId,
      c.lastSeq,
      c.lastMessage === undefined ? null : c.lastMessage.id,
      c.lastMessage?.revoked !== undefined,
      c.unread,
      c.readSeq,
      c.peerReadSeq,
      c.clearedSeq,
      c.hiddenSeq,
      c.pinnedAtMs ?? null,
    ] as const)
  }
  return JSON.stringify(rows.sort((a, b) => (a[0] < b[0] ? -1 : 1)))
}
