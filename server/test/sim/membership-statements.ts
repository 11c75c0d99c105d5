import {
  isAlive,
  lockMember,
  userOf,
  type Meaning,
  type Params,
  type Row,
  type StatementContext,
} from './statement-context.ts'
import { memberRow, type MemberRow } from './tables.ts'

/** The members of groups: coming, going, roles, and who may speak. */
export const MEMBERSHIP_STATEMENTS: readonly Meaning[] = [
  ['INSERT INTO member (timeline_key, account_key, role, custom', insertMembers],
  ['WITH gone AS (DELETE FROM member WHERE timeline_key = $1', deleteMembers],
  ['UPDATE member SET role = CASE', updateOwners],
  ['UPDATE member SET role = $3', (context, params) => change(context, params, { role: params.number(3) })],
  [
    'UPDATE member SET muted_until_ms = $3',
    (context, params) => change(context, params, { mutedUntilMs: params.number(3) }),
  ],
  ['UPDATE member SET name_card = coalesce', updateCard],
  ['WHERE m.timeline_key = $1 AND m.account_key = ANY($2::bigint[]) ORDER BY m.account_key', readMembers],
  ['WHERE m.timeline_key = $1 AND m.role < 2', readLeaders],
  [
    'a.id AS "userId" FROM member m JOIN account a ON a.key = m.account_key WHERE m.timeline_key = $1 LIMIT $2',
    readSome,
  ],
  ['m.name_card AS "nameCard", g.type, g.is_muted AS "isMuted"', readSpeakers],
  ['AS d(timeline_key, user_id) JOIN account a ON a.id = d.user_id', readReceivers],
]

async function insertMembers({ tx, counters, flaws }: StatementContext, params: Params): Promise<readonly Row[]> {
  const timelineKey = params.number(1)
  const [roles, customs] = [params.numbers(3), params.texts(4)]
  for (const [index, accountKey] of params.numbers(2).entries()) {
    const mutedUntilMs = tx.get('restriction', `${timelineKey} ${accountKey}`)?.mutedUntilMs ?? 0
    const row: MemberRow = {
      ...memberRow(timelineKey, accountKey),
      role: roles[index] ?? 2,
      custom: JSON.parse(customs[index] ?? '[]') as MemberRow['custom'],
      baseSeq: params.number(5),
      readSeq: params.number(5),
      joinedSeq: params.number(5),
      baseCountable: params.number(6),
      clearedSeq: params.number(7),
      joinedOffset: params.number(8),
      joinedAtMs: params.number(9),
      mutedUntilMs: roles[index] !== 0 && mutedUntilMs > params.number(9) ? mutedUntilMs : 0,
    }
    const before = flaws.leaversRemembered ? counters.left.get(`${timelineKey} ${accountKey}`) : undefined
    const { own, baseSeq, baseCountable, baseOwn } = before ?? row
    await tx.insert('member', { ...row, own, baseSeq, baseCountable, baseOwn })
  }
  return []
}

async function deleteMembers({ tx, counters }: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const accountKey of params.numbers(2)) {
    const row = await lockMember(tx, params.number(1), accountKey)
    if (!row) continue
    const key = `${row.timelineKey} ${accountKey}`
    counters.left.set(key, row)
    tx.delete('member', row)
    const { timelineKey, mutedUntilMs } = row
    if (Math.max(mutedUntilMs, tx.get('restriction', key)?.mutedUntilMs ?? 0) <= params.number(3)) continue
    tx.put('restriction', { timelineKey, accountKey, mutedUntilMs })
  }
  return []
}

async function updateOwners({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const accountKey of [params.numberOrNull(2), params.numberOrNull(3)]) {
    const row = accountKey === null ? undefined : await lockMember(tx, params.number(1), accountKey)
    const isHeir = accountKey === params.numberOrNull(3)
    if (row) tx.put('member', { ...row, role: isHeir ? 0 : 2, mutedUntilMs: isHeir ? 0 : row.mutedUntilMs })
  }
  return []
}

async function change(
  { tx }: StatementContext,
  params: Params,
  changed: Partial<Pick<MemberRow, 'role' | 'mutedUntilMs' | 'nameCard' | 'custom'>>,
): Promise<readonly Row[]> {
  const row = await lockMember(tx, params.number(1), params.number(2))
  if (row) tx.put('member', { ...row, ...changed })
  return []
}

function updateCard(context: StatementContext, params: Params): Promise<readonly Row[]> {
  const [nameCard, custom] = [params.textOrNull(3), params.textOrNull(4)]
  return change(context, params, {
    ...(nameCard === null ? {} : { nameCard }),
    ...(custom === null ? {} : { custom: JSON.parse(custom) as MemberRow['custom'] }),
  })
}

function readMembers(context: StatementContext, params: Params): readonly Row[] {
  const keys = new Set(params.numbers(2))
  return membersOf(context, params.number(1))
    .filter((row) => keys.has(row.accountKey))
    .map((row) => memberColumns(context, row))
}

function readLeaders(context: StatementContext, params: Params): readonly Row[] {
  return membersOf(context, params.number(1))
    .filter((row) => row.role < 2)
    .sort((a, b) => a.role - b.role || a.joinedOffset - b.joinedOffset)
    .map((row) => memberColumns(context, row))
}

function readSome(context: StatementContext, params: Params): readonly Row[] {
  return membersOf(context, params.number(1))
    .slice(0, params.number(2))
    .map(({ accountKey }) => ({ accountKey, userId: userOf(context.tx, accountKey) }))
}

function membersOf({ tx }: StatementContext, timelineKey: number): MemberRow[] {
  return tx.filter('member', (row) => row.timelineKey === timelineKey).sort((a, b) => a.accountKey - b.accountKey)
}

/** A member as MEMBER_COLUMNS gives him. */
function memberColumns({ tx }: StatementContext, row: MemberRow): Row {
  const account = tx.get('account', String(row.accountKey))
  const { accountKey, role, nameCard, joinedOffset, joinedAtMs, mutedUntilMs, custom } = row
  const self = { accountKey, role, nameCard, joinedOffset, joinedAtMs, mutedUntilMs, custom }
  return { ...self, userId: account?.id, nick: account?.nick, avatar: account?.avatar }
}

function readSpeakers(context: StatementContext, params: Params): readonly Row[] {
  const { tx, flaws } = context
  return params.numbers(1).flatMap((timelineKey, index) => {
    const key = `${timelineKey} ${params.numbers(2)[index]}`
    const row = flaws.speakersBeforeLock ? tx.begun.member.get(key) : tx.get('member', key)
    const group = tx.get('chatGroup', String(timelineKey))
    if (!row || !group || (!isAlive(context, timelineKey) && !flaws.dismissalUnseen)) return []
    const { accountKey, role, nameCard } = row
    const mutes = flaws.mutesUnseen
      ? { mutedUntilMs: 0, isMuted: false }
      : { mutedUntilMs: row.mutedUntilMs, isMuted: group.isMuted }
    return [{ timelineKey, accountKey, role, nameCard, type: group.type, ...mutes }]
  })
}

function readReceivers({ tx }: StatementContext, params: Params): readonly Row[] {
  return params.numbers(1).flatMap((timelineKey, index) => {
    const userId = params.texts(2)[index]
    const account = tx.find('account', (row) => row.id === userId)
    if (!account || !tx.get('member', `${timelineKey} ${account.key}`)) return []
    return [{ timelineKey, userId, accountKey: account.key }]
  })
}
