import {
  byId,
  insertTimeline,
  isAlive,
  lockMember,
  memberOf,
  type Meaning,
  type Params,
  type Row,
  type StatementContext,
} from './statement-context.ts'
import { memberRow } from './tables.ts'

/** A member's own rows: which conversations he is in, and his marks there. */
export const CONVERSATION_STATEMENTS: readonly Meaning[] = [
  ['SELECT u.last_offset AS "userOffset", s.timeline', readMemberships],
  ['AS w(account_key, id) JOIN timeline t ON t.id = w.id JOIN member m', readMembershipsAt],
  ['INSERT INTO timeline (id) VALUES ($1)', insertConversation],
  ['INSERT INTO timeline (id) SELECT d.id', insertSystemConversations],
  ['INSERT INTO member (timeline_key, account_key) SELECT $1::bigint, *', insertPair],
  ['INSERT INTO member (timeline_key, account_key) SELECT * FROM unnest', insertReaders],
  ['UPDATE member SET read_seq = $3', raiseReadMark],
  ['UPDATE member m SET base_seq = t.last_seq', raiseMarks],
  ['UPDATE member SET pinned_at_ms = $3', updatePin],
  ['WITH mine AS', setReminds],
  ['m.pinned_at_ms AS "pinnedAtMs", m.joined_seq AS "joinedSeq" FROM member m', readMarks],
  ['AS "ownAfter"', readBaseAt],
  ['least($3, t.last_seq) AS seq', readMarkAt],
]

function readMemberships(context: StatementContext, params: Params): readonly Row[] {
  const { tx } = context
  const own = byId(context, params.text(2))
  if (!own) return []
  const rows = tx
    .filter('member', (row) => row.accountKey === params.number(1) && row.timelineKey < params.number(3))
    .sort((a, b) => b.timelineKey - a.timelineKey)
    .flatMap((row) => membership(context, row.timelineKey, row.accountKey))
    .slice(0, params.number(4))
  const { lastOffset: userOffset } = own
  return rows.length === 0 ? [{ userOffset, timeline: null }] : rows.map((row) => ({ userOffset, ...row }))
}

function readMembershipsAt(context: StatementContext, params: Params): readonly Row[] {
  const accountKeys = params.numbers(1)
  return params.texts(2).flatMap((id, index) => {
    const timeline = byId(context, id)
    const accountKey = accountKeys[index] ?? 0
    const found = timeline ? membership(context, timeline.key, accountKey) : []
    return found.map((row) => ({ accountKey, ...row }))
  })
}

function membership(context: StatementContext, timelineKey: number, accountKey: number): readonly Row[] {
  const row = context.tx.get('timeline', String(timelineKey))
  const member = memberOf(context, timelineKey, accountKey)
  if (!row || !member) return []
  return [{ timeline: row.id, timelineKey, lastOffset: row.lastOffset, joinedOffset: member.joinedOffset }]
}

async function insertConversation(context: StatementContext, params: Params): Promise<readonly Row[]> {
  const key = await insertTimeline(context, params.text(1))
  return key === undefined ? [] : [{ key }]
}

async function insertSystemConversations(context: StatementContext, params: Params): Promise<readonly Row[]> {
  const created: Row[] = []
  for (const id of [...params.texts(1)].sort()) {
    const key = await insertTimeline(context, id)
    if (key !== undefined) created.push({ key, id })
  }
  return created
}

async function insertPair({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const accountKey of params.numbers(2)) await tx.insert('member', memberRow(params.number(1), accountKey))
  return []
}

async function insertReaders({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const [index, timelineKey] of params.numbers(1).entries()) {
    await tx.insert('member', memberRow(timelineKey, params.numbers(2)[index] ?? 0))
  }
  return []
}

async function raiseReadMark({ tx, flaws }: StatementContext, params: Params): Promise<readonly Row[]> {
  const row = await lockMember(tx, params.number(1), params.number(2))
  if (!row || (row.readSeq >= params.number(3) && !flaws.marksMaySink)) return []
  tx.put('member', {
    ...row,
    readSeq: params.number(3),
    readAtMs: params.number(6),
    baseSeq: Math.max(row.baseSeq, params.number(3)),
    baseCountable: Math.max(row.baseCountable, params.number(4)),
    baseOwn: Math.max(row.baseOwn, params.number(5)),
  })
  return []
}

async function raiseMarks({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  const raised: Row[] = []
  for (const timelineKey of params.numbers(2)) {
    const timeline = tx.get('timeline', String(timelineKey))
    const row = await lockMember(tx, timelineKey, params.number(1))
    if (!row || !timeline) continue
    const base = { baseSeq: timeline.lastSeq, baseCountable: timeline.lastCountable, baseOwn: row.own }
    tx.put('member', {
      ...row,
      ...base,
      hiddenSeq: params.flag(3) ? timeline.lastSeq : row.hiddenSeq,
      clearedSeq: params.flag(4) ? timeline.lastSeq : row.clearedSeq,
    })
    raised.push({ timelineKey, seq: base.baseSeq, countable: base.baseCountable, own: base.baseOwn })
  }
  return raised
}

async function updatePin({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  const row = await lockMember(tx, params.number(1), params.number(2))
  if (row) tx.put('member', { ...row, pinnedAtMs: params.numberOrNull(3) })
  return []
}

async function setReminds(context: StatementContext, params: Params): Promise<readonly Row[]> {
  const { tx } = context
  const [accountKey, remind] = [params.number(1), params.text(3)]
  const set: Row[] = []
  for (const timelineKey of [...params.numbers(2)].sort((a, b) => a - b)) {
    const timeline = tx.get('timeline', String(timelineKey))
    const row = isAlive(context, timelineKey) ? await lockMember(tx, timelineKey, accountKey) : undefined
    if (!row || !timeline) continue
    set.push({ timeline: timeline.id, isChanged: row.remind !== remind })
    tx.put('member', { ...row, remind })
  }
  return set
}

function readMarks(context: StatementContext, params: Params): readonly Row[] {
  const row = memberOf(context, params.number(1), params.number(2))
  if (!row) return []
  return [context.flaws.marksMaySink ? { ...row, readSeq: 0 } : row]
}

function readBaseAt(context: StatementContext, params: Params): readonly Row[] {
  const [timelineKey, accountKey, seq] = [params.number(1), params.number(2), params.number(3)]
  const countable = context.tx.get('message', `${timelineKey} ${seq}`)?.countable ?? null
  return [{ countable, ownAfter: ownAfter(context, timelineKey, accountKey, seq) }]
}

/** The mark and the base of a member, without a lock. */
function readMarkAt(context: StatementContext, params: Params): readonly Row[] {
  const [accountKey, wanted] = [params.number(2), params.number(3)]
  const timeline = byId(context, params.text(1))
  const me = timeline && memberOf(context, timeline.key, accountKey)
  if (!timeline || !me) return []
  const { key: timelineKey, lastSeq } = timeline
  const isAtHead = wanted >= lastSeq
  return [
    {
      timelineKey,
      readSeq: context.flaws.marksMaySink ? 0 : me.readSeq,
      seq: Math.min(wanted, lastSeq),
      countable: isAtHead ? timeline.lastCountable : context.tx.get('message', `${timelineKey} ${wanted}`)?.countable,
      own: isAtHead ? me.own : Math.max(0, me.own - ownAfter(context, timelineKey, accountKey, wanted)),
    },
  ]
}

function ownAfter({ tx }: StatementContext, timelineKey: number, accountKey: number, seq: number): number {
  return tx.filter(
    'message',
    (row) => row.timelineKey === timelineKey && row.seq > seq && row.senderKey === accountKey && (row.flags & 1) === 0,
  ).length
}
