import { parseConversationId, type ConversationId, type TimelineId } from '@hongyan/protocol'
import { roleOf } from '../../src/conversations/role-rules.ts'
import type { World } from './world.ts'

/** I11 and Decision E for groups: the rows say what the log says, and nothing is kept of who has left. */
export function checkGroups(world: World): void {
  const { tables } = world.postgres
  const { groups } = world.witness.oracle
  for (const row of tables.chatGroup.values()) {
    const timeline = tables.timeline.get(String(row.timelineKey))?.id as TimelineId
    const id = timeline.slice(2) as ConversationId
    const members = [...tables.member.values()].filter(({ timelineKey }) => timelineKey === row.timelineKey)
    const userOf = (accountKey: number): string => tables.account.get(String(accountKey))?.id ?? '?'
    const inRows = members.map(({ accountKey, role }) => `${userOf(accountKey)} ${roleOf(role)}`).sort()
    const inLog = groups.membersOf(id, world.users).map((userId) => `${userId} ${groups.roleOf(id, userId)}`)
    if (inRows.join() !== inLog.sort().join()) {
      world.witness.blame('I11', `${id} has the members ${inRows.join()}, by the log ${inLog.join()}`)
    }
    if (row.memberCount !== members.length) {
      world.witness.blame('I11', `${id} counts ${row.memberCount} members and has ${members.length}`)
    }
  }
  checkReceipts(world)
  for (const { id } of tables.timeline.values()) {
    const parts = parseConversationId(id.slice(2))
    if (parts?.type !== 'group') continue
    const hasRow = [...tables.chatGroup.values()].some((row) => row.id === parts.groupId)
    if (!hasRow) world.witness.blame('I1', `${id} is there without its group`)
  }
}

/** A reader's ranges reach over what wants no receipt of him, and never over what does and did not get one. */
function checkReceipts(world: World): void {
  const { tables } = world.postgres
  for (const { timelineKey, accountKey, seqs } of tables.receipt.values()) {
    const id = tables.timeline.get(String(timelineKey))?.id.slice(2) as ConversationId
    const userId = tables.account.get(String(accountKey))?.id
    const asked = userId && world.witness.receiptsOf(userId, id)
    for (const seq of seqs) {
      const row = tables.message.get(`${timelineKey} ${seq}`)
      const isWanted =
        row &&
        (row.flags & 4) !== 0 &&
        row.senderKey !== accountKey &&
        row.revokedAtMs === null &&
        (row.receivers === null || row.receivers.includes(accountKey))
      if (!row || (isWanted && asked?.has(seq) !== true)) {
        world.witness.blame('receipts', `${userId} has a receipt for ${id} ${seq} and sent none`)
      }
    }
  }
}
