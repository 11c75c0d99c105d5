import { GROUP_TYPES } from '../../src/groups/group-types.ts'
import { userOf, type Meaning, type Params, type Row, type StatementContext } from './statement-context.ts'
import type { SimTransaction } from './sim-transaction.ts'
import type { ChatGroupRow } from './tables.ts'

/** The rows of groups. Changed under the lock of the group's timeline, so they need none of their own. */
export const GROUP_STATEMENTS: readonly Meaning[] = [
  ['INSERT INTO chat_group', insertGroup],
  ['UPDATE chat_group SET member_count', (context, params) => change(context, params, (row) => counted(row, params))],
  ['UPDATE chat_group SET name = coalesce', (context, params) => change(context, params, (row) => edited(row, params))],
  ['UPDATE chat_group SET owner_key', (context, params) => change(context, params, (row) => owned(row, params))],
  [
    'UPDATE chat_group SET dismissed_at_ms',
    (context, params) =>
      change(context, params, (row) => ({ ...row, dismissedAtMs: params.number(2), changedAtMs: params.number(2) })),
  ],
  ['o.key = g.owner_key WHERE g.timeline_key = $1', readGroup],
  ['WHERE g.founder_key = $1 AND g.request_id = $2', readGroupMadeBy],
  ['m.account_key IS NOT NULL AS "isMember"', readGroupsById],
  ['count(*) AS count FROM member m JOIN chat_group g', countGroups],
  // Nobody is banned in this world, and nobody has to ask.
  ['FROM group_restriction', () => []],
  ['DELETE FROM group_application', () => []],
  ['WHERE g.dismissed_at_ms IS NOT NULL AND g.member_count > 0', readDisbanding],
]

/** A group as GROUP_COLUMNS gives it. */
export function groupColumns(tx: SimTransaction, row: ChatGroupRow): Row {
  const { id, founderKey: _founder, requestId: _request, ...rest } = row
  return { ...rest, groupId: id, ownerId: row.ownerKey === null ? null : (userOf(tx, row.ownerKey) ?? null) }
}

async function insertGroup({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  const type = params.text(3) as ChatGroupRow['type']
  if (!(type in GROUP_TYPES)) throw new Error(`no type of group: ${type}`)
  await tx.insert('chatGroup', {
    timelineKey: params.number(1),
    id: params.text(2) as ChatGroupRow['id'],
    type,
    name: params.text(4),
    avatar: params.text(5),
    introduction: params.text(6),
    notice: params.text(7),
    founderKey: params.number(8),
    ownerKey: params.number(8),
    maxMembers: params.number(9),
    joinOption: params.text(10) as ChatGroupRow['joinOption'],
    inviteOption: params.text(11) as ChatGroupRow['inviteOption'],
    custom: JSON.parse(params.text(12)) as ChatGroupRow['custom'],
    createdAtMs: params.number(13),
    changedAtMs: params.number(13),
    requestId: params.text(14),
    memberCount: 0,
    isMuted: false,
    dismissedAtMs: null,
  })
  return []
}

function change({ tx }: StatementContext, params: Params, after: (row: ChatGroupRow) => ChatGroupRow): readonly Row[] {
  const row = tx.get('chatGroup', String(params.number(1)))
  if (row) tx.put('chatGroup', after(row))
  return []
}

function counted(row: ChatGroupRow, params: Params): ChatGroupRow {
  return { ...row, memberCount: row.memberCount + params.number(2), changedAtMs: params.number(3) }
}

function owned(row: ChatGroupRow, params: Params): ChatGroupRow {
  return { ...row, ownerKey: params.numberOrNull(2), changedAtMs: params.number(3) }
}

function edited(row: ChatGroupRow, params: Params): ChatGroupRow {
  const custom = params.textOrNull(9)
  return {
    ...row,
    name: params.textOrNull(2) ?? row.name,
    avatar: params.textOrNull(3) ?? row.avatar,
    introduction: params.textOrNull(4) ?? row.introduction,
    notice: params.textOrNull(5) ?? row.notice,
    joinOption: (params.textOrNull(6) ?? row.joinOption) as ChatGroupRow['joinOption'],
    inviteOption: (params.textOrNull(7) ?? row.inviteOption) as ChatGroupRow['inviteOption'],
    isMuted: params.flagOrNull(8) ?? row.isMuted,
    custom: custom === null ? row.custom : (JSON.parse(custom) as ChatGroupRow['custom']),
    changedAtMs: params.number(10),
  }
}

function readGroup({ tx }: StatementContext, params: Params): readonly Row[] {
  const row = tx.get('chatGroup', String(params.number(1)))
  return row ? [groupColumns(tx, row)] : []
}

function readGroupMadeBy({ tx }: StatementContext, params: Params): readonly Row[] {
  return tx
    .filter('chatGroup', (row) => row.founderKey === params.number(1) && row.requestId === params.text(2))
    .map((row) => groupColumns(tx, row))
}

function readGroupsById({ tx }: StatementContext, params: Params): readonly Row[] {
  const ids = new Set(params.texts(1))
  return tx
    .filter('chatGroup', (row) => ids.has(row.id) && row.dismissedAtMs === null)
    .map((row) => ({
      ...groupColumns(tx, row),
      isMember: tx.get('member', `${row.timelineKey} ${params.number(2)}`) !== undefined,
    }))
}

function countGroups({ tx }: StatementContext, params: Params): readonly Row[] {
  return params.numbers(1).flatMap((key) => {
    const count = tx.filter(
      'member',
      (row) => row.accountKey === key && tx.get('chatGroup', String(row.timelineKey)) !== undefined,
    ).length
    return count === 0 ? [] : [{ key, count }]
  })
}

function readDisbanding({ tx }: StatementContext, params: Params): readonly Row[] {
  return tx
    .filter('chatGroup', (row) => row.dismissedAtMs !== null && row.memberCount > 0)
    .slice(0, params.number(1))
    .flatMap((row) => {
      const timeline = tx.get('timeline', String(row.timelineKey))
      return timeline ? [{ conversationId: timeline.id.slice(2) }] : []
    })
}
