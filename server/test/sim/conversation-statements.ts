import { conversationOfTimeline } from '@hongyan/protocol'
import type { SimTransaction } from './sim-transaction.ts'
import {
  byId,
  insertTimeline,
  isDeletedFor,
  lockMember,
  shown,
  type Meaning,
  type Params,
  type Row,
  type StatementContext,
} from './statement-context.ts'

export const CONVERSATION_STATEMENTS: readonly Meaning[] = [
  ['FROM member m JOIN timeline t ON t.key = m.timeline_key', readMemberships],
  ['FROM timeline t JOIN member m ON m.timeline_key = t.key AND m.account_key = $1', readMembershipsIn],
  ['SELECT u.last_offset AS "userOffset", s.*', readStates],
  ['INSERT INTO timeline (id) VALUES ($1)', insertConversation],
  ['INSERT INTO member', insertMembers],
  ['UPDATE member SET read_seq = $3', raiseReadMark],
  ['UPDATE member m SET base_seq = t.last_seq', raiseMarks],
  ['UPDATE member SET pinned_at_ms = $3', updatePin],
  ['FROM member WHERE timeline_key = $1 AND account_key = $2', readMarks],
  ['AS "ownAfter"', readBaseAt],
]

function readMemberships({ tx }: StatementContext, params: Params): readonly Row[] {
  return tx
    .filter('member', (row) => row.accountKey === params.number(1) && row.timelineKey < params.number(2))
    .sort((a, b) => b.timelineKey - a.timelineKey)
    .slice(0, params.number(3))
    .flatMap((row) => membership(tx, row.timelineKey))
}

function readMembershipsIn({ tx }: StatementContext, params: Params): readonly Row[] {
  const ids = new Set(params.texts(2))
  return tx
    .filter('timeline', (row) => ids.has(row.id) && tx.get('member', `${row.key} ${params.number(1)}`) !== undefined)
    .flatMap((row) => membership(tx, row.key))
}

function membership(tx: SimTransaction, timelineKey: number): readonly Row[] {
  const row = tx.get('timeline', String(timelineKey))
  return row ? [{ timeline: row.id, timelineKey: row.key, lastOffset: row.lastOffset }] : []
}

function readStates(context: StatementContext, params: Params): readonly Row[] {
  const user = byId(context, params.text(2))
  if (!user) return []
  const states = params.numbers(3).flatMap((key) => stateOf(context, key, params.number(1)))
  const { lastOffset: userOffset } = user
  return states.length === 0 ? [{ timeline: null, userOffset }] : states.map((state) => ({ userOffset, ...state }))
}

function stateOf(context: StatementContext, timelineKey: number, accountKey: number): readonly Row[] {
  const { tx } = context
  const timeline = tx.get('timeline', String(timelineKey))
  const me = tx.get('member', `${timelineKey} ${accountKey}`)
  if (!timeline || !me || conversationOfTimeline(timeline.id) === undefined) return []
  const peer = tx.find('member', (row) => row.timelineKey === timelineKey && row.accountKey !== accountKey)
  const account = tx.get('account', String((peer ?? me).accountKey))
  const messages = tx.filter('message', (row) => row.timelineKey === timelineKey).sort((a, b) => a.seq - b.seq)
  const revoked = messages.filter(
    (row) => row.seq > me.baseSeq && row.revokedAtMs !== null && row.senderKey !== accountKey && (row.flags & 1) === 0,
  )
  const deleted = tx.filter(
    'deleted',
    (row) => row.accountKey === accountKey && row.timelineKey === timelineKey && row.seq > me.baseSeq && row.counted,
  )
  const last = messages
    .filter((row) => row.seq > me.clearedSeq && (row.flags & 2) === 0 && !isDeletedFor(context, accountKey, row))
    .at(-1)
  return [
    {
      timeline: timeline.id,
      offset: timeline.lastOffset,
      lastSeq: timeline.lastSeq,
      countable: timeline.lastCountable,
      own: me.own,
      baseSeq: me.baseSeq,
      baseCountable: me.baseCountable,
      baseOwn: me.baseOwn,
      readSeq: me.readSeq,
      clearedSeq: me.clearedSeq,
      hiddenSeq: me.hiddenSeq,
      pinnedAtMs: me.pinnedAtMs,
      peerReadSeq: (peer ?? me).readSeq,
      peerReadAtMs: (peer ?? me).readAtMs,
      peer: { userId: account?.id, nick: account?.nick, avatar: account?.avatar },
      uncounted: [...new Set([...revoked, ...deleted].map(({ seq }) => seq))].sort((a, b) => a - b),
      lastMessage: last ? shown(context, last) : null,
    },
  ]
}

async function insertConversation(context: StatementContext, params: Params): Promise<readonly Row[]> {
  const key = await insertTimeline(context, params.text(1))
  return key === undefined ? [] : [{ key }]
}

async function insertMembers({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  const nothing = { own: 0, baseSeq: 0, baseCountable: 0, baseOwn: 0, readSeq: 0, readAtMs: 0 }
  for (const accountKey of params.numbers(2)) {
    const marks = { ...nothing, clearedSeq: 0, hiddenSeq: 0, pinnedAtMs: null }
    await tx.insert('member', { timelineKey: params.number(1), accountKey, ...marks })
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

function readMarks({ tx, flaws }: StatementContext, params: Params): readonly Row[] {
  const row = tx.get('member', `${params.number(1)} ${params.number(2)}`)
  if (!row) return []
  return [flaws.marksMaySink ? { ...row, readSeq: 0 } : row]
}

function readBaseAt({ tx }: StatementContext, params: Params): readonly Row[] {
  const [timelineKey, accountKey, seq] = [params.number(1), params.number(2), params.number(3)]
  const ownAfter = tx.filter(
    'message',
    (row) => row.timelineKey === timelineKey && row.seq > seq && row.senderKey === accountKey && (row.flags & 1) === 0,
  ).length
  return [{ countable: tx.get('message', `${timelineKey} ${seq}`)?.countable ?? null, ownAfter }]
}
