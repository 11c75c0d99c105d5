import { parseConversationId, Refused, type ConversationId, type GroupType } from '@hongyan/protocol'

/** Whether there are receipts in a conversation. Refuses NO_RECEIPTS_HERE in live rooms, communities, and for notices. */
export function assertReceiptsHere(conversationId: ConversationId, groupType: GroupType | null): void {
  const hasReceipts = parseConversationId(conversationId)?.type !== 'system' && !WITHOUT.has(groupType)
  if (!hasReceipts) throw new Refused('NO_RECEIPTS_HERE')
}

const WITHOUT: ReadonlySet<GroupType | null> = new Set<GroupType>(['community', 'live'])
