import {
  isDeletedFor,
  isFor,
  lockInOrder,
  lockMember,
  memberOf,
  movedAt,
  parseArray,
  shown,
  type Meaning,
  type Params,
  type Row,
  type StatementContext,
} from './statement-context.ts'
import type { MessageTableRow } from './tables.ts'

type Quad = [number, number, number, number]

export const MESSAGE_STATEMENTS: readonly Meaning[] = [
  ['SELECT m.sender_key AS "senderKey", m.client_msg_id AS "clientMsgId", m.fingerprint', readEarlier],
  ['INSERT INTO message', insertMessages],
  ['UPDATE timeline t SET last_offset = d.last_offset', moveHeads],
  ['UPDATE member m SET own = m.own + d.count', countOwn],
  ['UPDATE message SET body = CASE WHEN', wipeMessage],
  ["UPDATE entry SET body = (body - 'customData')", wipeChanges],
  ['UPDATE message SET version = $3', replaceContent],
  ['DELETE FROM file_use', () => []],
  ['INSERT INTO deleted_message', insertDeletions],
  ['WHERE m.timeline_key = $1 AND m.seq = $2', readMessage],
  [
    'ORDER BY m.seq DESC LIMIT $5',
    (context, params) => readHistory(context, params).reverse().slice(0, params.number(5)),
  ],
  ['ORDER BY m.seq ASC LIMIT $5', (context, params) => readHistory(context, params).slice(0, params.number(5))],
]

function readEarlier({ tx, flaws }: StatementContext, params: Params): readonly Row[] {
  if (flaws.noEarlier) return []
  const ids = params.texts(2)
  const wanted = new Set(params.numbers(1).map((senderKey, index) => `${senderKey} ${ids[index]}`))
  return tx.filter('message', (row) => wanted.has(`${row.senderKey} ${row.clientMsgId}`))
}

async function insertMessages({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  const columns = [2, 3, 4, 6, 7, 8, 9].map((place) => params.numbers(place))
  const ids = params.texts(5)
  const bodies = params.texts(10)
  const receivers = params.textsOrNull(11)
  for (const [index, timelineKey] of params.numbers(1).entries()) {
    const [seq, offset, senderKey, fingerprint, sentAtMs, countable, flags] = columns.map(
      (column) => column[index] ?? 0,
    )
    await tx.insert('message', {
      timelineKey,
      seq: seq ?? 0,
      offset: offset ?? 0,
      senderKey: senderKey ?? 0,
      clientMsgId: ids[index] ?? '',
      fingerprint: fingerprint ?? 0,
      sentAtMs: sentAtMs ?? 0,
      countable: countable ?? 0,
      flags: flags ?? 0,
      body: JSON.parse(bodies[index] ?? '{}') as MessageTableRow['body'],
      revokedByKey: null,
      revokedAtMs: null,
      revokeReason: null,
      version: 0,
      receivers: receiversOf(receivers[index]),
      receiptAtMs: null,
    })
  }
  return []
}

function receiversOf(literal: string | null | undefined): readonly number[] | null {
  return literal === null || literal === undefined ? null : parseArray(literal).map(Number)
}

async function moveHeads({ tx, nowMs }: StatementContext, params: Params): Promise<readonly Row[]> {
  const [offsets, seqs, countables, times] = [2, 3, 4, 5].map((place) => params.numbers(place))
  for (const [index, key] of params.numbers(1).entries()) {
    const [row] = await lockInOrder(tx, [key])
    if (!row) continue
    tx.put('timeline', {
      ...row,
      lastOffset: offsets?.[index] ?? 0,
      lastSeq: seqs?.[index] ?? 0,
      lastCountable: countables?.[index] ?? 0,
      lastSentAtMs: times?.[index] ?? 0,
      movedAtMs: movedAt(row, nowMs),
    })
  }
  return []
}

async function countOwn({ tx, flaws }: StatementContext, params: Params): Promise<readonly Row[]> {
  if (flaws.ownNotCounted) return []
  const accountKeys = params.numbers(2)
  const counts = params.numbers(3)
  for (const [index, timelineKey] of params.numbers(1).entries()) {
    const row = await lockMember(tx, timelineKey, accountKeys[index] ?? 0)
    if (row) tx.put('member', { ...row, own: row.own + (counts[index] ?? 0) })
  }
  return []
}

async function wipeMessage({ tx, flaws }: StatementContext, params: Params): Promise<readonly Row[]> {
  const key = `${params.number(1)} ${params.number(2)}`
  await tx.lock('message', key)
  const row = tx.get('message', key)
  if (!row) return []
  tx.put('message', {
    ...row,
    body: flaws.noWipe ? row.body : wiped(row.body),
    revokedByKey: params.number(3),
    revokedAtMs: params.number(4),
    revokeReason: params.textOrNull(5),
  })
  return []
}

function wiped({ receiverIds }: MessageTableRow['body']): MessageTableRow['body'] {
  return receiverIds === undefined ? { elements: [] } : { elements: [], receiverIds }
}

function wipeChanges({ tx, flaws }: StatementContext, params: Params): readonly Row[] {
  const [timelineKey, after, seq] = [params.number(1), params.number(2), params.number(3)]
  if (flaws.changesKept) return []
  for (const row of tx.filter('entry', (one) => one.timelineKey === timelineKey && one.offset > after)) {
    if (row.body.kind !== 'modified' || row.body.seq !== seq) continue
    const { customData: _customData, ...kept } = row.body
    tx.put('entry', { ...row, body: { ...kept, elements: [] } })
  }
  return []
}

async function replaceContent({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  const key = `${params.number(1)} ${params.number(2)}`
  await tx.lock('message', key)
  const row = tx.get('message', key)
  if (!row) return []
  const { elements: _elements, customData: _customData, ...kept } = row.body
  const body = { ...kept, ...(JSON.parse(params.text(4)) as Pick<MessageTableRow['body'], 'elements' | 'customData'>) }
  tx.put('message', { ...row, version: params.number(3), body })
  return []
}

async function insertDeletions({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  const [timelineKey, accountKey, seqs] = [params.number(1), params.number(2), new Set(params.numbers(3))]
  const inserted: Row[] = []
  for (const row of tx.filter('message', (one) => one.timelineKey === timelineKey && seqs.has(one.seq))) {
    const counted = row.senderKey !== accountKey && (row.flags & 1) === 0 && row.revokedAtMs === null
    const deletion = { accountKey, timelineKey, seq: row.seq, counted }
    if (await tx.insertUnlessThere('deleted', deletion)) inserted.push({ seq: row.seq, counted })
  }
  return inserted
}

function readMessage(context: StatementContext, params: Params): readonly Row[] {
  const row = context.tx.get('message', `${params.number(1)} ${params.number(2)}`)
  if (!row) return []
  return [shown(context, context.flaws.revocationUnseen ? { ...row, revokedAtMs: null } : row)]
}

/** What the member may see between the bounds, upward. */
function readHistory(context: StatementContext, params: Params): Row[] {
  const [timelineKey, accountKey, above, below] = [1, 2, 3, 4].map((place) => params.number(place)) as Quad
  const me = memberOf(context, timelineKey, accountKey)
  if (!me) return []
  const from = Math.max(above, me.clearedSeq)
  return context.tx
    .filter('message', (row) => row.timelineKey === timelineKey && row.seq > from && row.seq < below)
    .filter((row) => isFor(context, row, accountKey))
    .filter((row) => !isDeletedFor(context, accountKey, row))
    .sort((a, b) => a.seq - b.seq)
    .map((row) => shown(context, row))
}
