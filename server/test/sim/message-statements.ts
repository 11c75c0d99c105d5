import {
  isDeletedFor,
  lockInOrder,
  lockMember,
  movedAt,
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
  ["UPDATE message SET body = '{", wipeMessage],
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
    })
  }
  return []
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
    body: flaws.noWipe ? row.body : { elements: [] },
    revokedByKey: params.number(3),
    revokedAtMs: params.number(4),
    revokeReason: params.textOrNull(5),
  })
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
  return row ? [shown(context, row)] : []
}

/** What the member may see between the bounds, upward. */
function readHistory(context: StatementContext, params: Params): Row[] {
  const [timelineKey, accountKey, above, below] = [1, 2, 3, 4].map((place) => params.number(place)) as Quad
  return context.tx
    .filter('message', (row) => row.timelineKey === timelineKey && row.seq > above && row.seq < below)
    .filter((row) => !isDeletedFor(context, accountKey, row))
    .sort((a, b) => a.seq - b.seq)
    .map((row) => shown(context, row))
}
