import type { Conversation } from './client-api.ts'
import { isLiveRoom } from './conversation-rules.ts'

/**
 * Canonical JSON of what is believed of these conversations: equal on two devices of a user exactly when both show the
 * same. Conversations that were only looked up exist on one device alone and are left out.
 */
export function digestOf(conversations: Iterable<Conversation>): string {
  const rows = []
  for (const c of conversations) {
    if (c.about.type !== 'group' && c.lastSeq === 0 && c.pinnedAtMs === undefined) continue
    // One device is in a live room, another is not.
    if (isLiveRoom(c)) continue
    rows.push([
      c.conversationId,
      c.lastSeq,
      c.lastMessage === undefined ? null : c.lastMessage.id,
      c.lastMessage?.revoked !== undefined,
      c.lastMessage?.version ?? 0,
      c.unread,
      c.readSeq,
      c.peerReadSeq,
      c.clearedSeq,
      c.hiddenSeq,
      c.pinnedAtMs ?? null,
      c.remind,
      c.mentions.map(({ seq }) => seq),
      c.about.type === 'group'
        ? [c.about.group.name, c.about.group.memberCount, c.about.self.role, c.about.self.mutedUntilMs]
        : null,
    ] as const)
  }
  return JSON.stringify(rows.sort((a, b) => (a[0] < b[0] ? -1 : 1)))
}
