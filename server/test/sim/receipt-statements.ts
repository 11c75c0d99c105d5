import {
  byId,
  memberOf,
  userOf,
  type Meaning,
  type Params,
  type Row,
  type StatementContext,
} from './statement-context.ts'
import type { MessageTableRow } from './tables.ts'

/** Receipts: "I have read these". */
export const RECEIPT_STATEMENTS: readonly Meaning[] = [
  ['WITH fresh AS', insertReceipts],
  ['FOR KEY SHARE OF me', holdMember],
  ['UPDATE message m SET receipt_at_ms', markReceipted],
  ['CROSS JOIN LATERAL (SELECT count(*) FILTER', readCounts],
  ['me.joined_seq AS "joinedSeq", me.cleared_seq AS "clearedSeq"', readAccess],
]

function isWanted(row: MessageTableRow, accountKey: number): boolean {
  return (
    (row.flags & 4) !== 0 &&
    row.senderKey !== accountKey &&
    row.revokedAtMs === null &&
    (row.receivers === null || row.receivers.includes(accountKey))
  )
}

/** Reaches back over what wants none; a set of numbers stands for the ranges. */
async function insertReceipts(context: StatementContext, params: Params): Promise<readonly Row[]> {
  const { tx, flaws } = context
  const accountKey = params.number(2)
  const timeline = byId(context, params.text(1))
  if (!timeline || !tx.get('member', `${timeline.key} ${accountKey}`)) return []
  const key = `${timeline.key} ${accountKey}`
  await tx.lock('receipt', key)
  const seqs = new Set(tx.get('receipt', key)?.seqs)
  const wanted = tx
    .filter('message', (row) => row.timelineKey === timeline.key && isWanted(row, accountKey))
    .sort((a, b) => a.seq - b.seq)
  const named = new Set(params.numbers(3))
  const fresh = wanted.filter((row) => named.has(row.seq) && !seqs.has(row.seq))
  for (const { seq } of fresh) {
    const before = flaws.receiptsReachBack ? 0 : (wanted.filter((row) => row.seq < seq).at(-1)?.seq ?? 0)
    for (let one = before + 1; one <= seq; one++) seqs.add(one)
  }
  if (fresh.length > 0) tx.put('receipt', { timelineKey: timeline.key, accountKey, seqs })
  return fresh.map(({ seq, senderKey }) => ({ seq, senderId: userOf(tx, senderKey) }))
}

async function holdMember(context: StatementContext, params: Params): Promise<readonly Row[]> {
  const timeline = byId(context, params.text(1))
  if (!timeline) return []
  await context.tx.lock('member', `${timeline.key} ${params.number(2)}`, 'share')
  if (!memberOf(context, timeline.key, params.number(2))) return []
  return [{ timelineKey: timeline.key, groupType: context.tx.get('chatGroup', String(timeline.key))?.type ?? null }]
}

async function markReceipted({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  const marked: Row[] = []
  for (const seq of params.numbers(3)) {
    const key = `${params.number(1)} ${seq}`
    const row = tx.get('message', key)
    if (!row || row.receiptAtMs !== null || !isWanted(row, params.number(2))) continue
    tx.put('message', { ...row, receiptAtMs: params.number(4) })
    marked.push({ seq })
  }
  return Promise.resolve(marked)
}

function readCounts({ tx }: StatementContext, params: Params): readonly Row[] {
  const sender = params.numberOrNull(3)
  return params.numbers(1).flatMap((timelineKey, index) => {
    const row = tx.get('message', `${timelineKey} ${params.numbers(2)[index]}`)
    if (!row || (row.flags & 4) === 0 || row.revokedAtMs !== null) return []
    if (!tx.get('member', `${timelineKey} ${row.senderKey}`) || (sender !== null && sender !== row.senderKey)) return []
    const { seq } = row
    const isMeant = (accountKey: number): boolean =>
      accountKey !== row.senderKey && (row.receivers === null || row.receivers.includes(accountKey))
    const readers = tx.filter('receipt', (one) => one.timelineKey === timelineKey && one.seqs.has(seq))
    const read = new Set(readers.map((one) => one.accountKey).filter(isMeant))
    const waiting = tx
      .filter('member', (one) => one.timelineKey === timelineKey && one.joinedSeq < seq)
      .filter((one) => isMeant(one.accountKey) && !read.has(one.accountKey))
    return [{ timelineKey, seq, read: read.size, unread: waiting.length }]
  })
}

function readAccess(context: StatementContext, params: Params): readonly Row[] {
  const timeline = byId(context, params.text(1))
  const me = timeline && memberOf(context, timeline.key, params.number(2))
  if (!timeline || !me) return []
  const { role, joinedSeq, clearedSeq } = me
  const groupType = context.tx.get('chatGroup', String(timeline.key))?.type ?? null
  return [{ timelineKey: timeline.key, role, joinedSeq, clearedSeq, groupType }]
}
