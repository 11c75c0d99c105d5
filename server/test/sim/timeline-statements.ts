import type { Entry } from '@hongyan/protocol'
import {
  byId,
  lockInOrder,
  movedAt,
  shown,
  type Meaning,
  type Params,
  type Row,
  type StatementContext,
} from './statement-context.ts'

export const TIMELINE_STATEMENTS: readonly Meaning[] = [
  ['FROM timeline WHERE id = ANY($1::text[]) ORDER BY key FOR NO KEY UPDATE', lockTimelinesById],
  ['FROM timeline WHERE key = ANY($1::bigint[]) ORDER BY key FOR NO KEY UPDATE SKIP LOCKED', lockHeads],
  ['FROM timeline WHERE id = ANY($1::text[])', readHeadsOf],
  ['FROM timeline WHERE moved_at >=', readMoved],
  ['SELECT d.id AS timeline, page.* FROM', messagesAfter],
  ['SELECT d.id AS timeline, page."offset", page.entry', othersAfter],
  ['SELECT epoch FROM store', ({ epoch, flaws }) => [{ epoch: flaws.constantEpoch ? 'epoch' : epoch }]],
  ['INSERT INTO entry', insertEntries],
  ['UPDATE timeline SET last_offset = last_offset + 1', moveByOne],
]

async function lockTimelinesById(context: StatementContext, params: Params): Promise<readonly Row[]> {
  const { tx } = context
  const keys = params.texts(1).flatMap((id) => byId(context, id)?.key ?? [])
  return lockInOrder(tx, keys)
}

function lockHeads({ tx }: StatementContext, params: Params): readonly Row[] {
  return [...params.numbers(1)]
    .sort((a, b) => a - b)
    .flatMap((key) => (tx.tryLock('timeline', String(key)) ? (tx.get('timeline', String(key)) ?? []) : []))
}

function readHeadsOf(context: StatementContext, params: Params): readonly Row[] {
  return params.texts(1).flatMap((id) => byId(context, id) ?? [])
}

function readMoved({ tx, nowMs }: StatementContext, params: Params): readonly Row[] {
  return tx.filter('timeline', (row) => row.movedAtMs >= nowMs - params.number(1) * 1000)
}

function messagesAfter(context: StatementContext, params: Params): readonly Row[] {
  const { tx } = context
  const afters = params.numbers(2)
  return params.texts(1).flatMap((id, index) => {
    const timeline = byId(context, id)
    const after = afters[index] ?? 0
    if (!timeline) return []
    // By the offset itself: the statement finds the seq of a cursor by a detour, and must come to the same.
    return tx
      .filter('message', (row) => row.timelineKey === timeline.key && row.offset > after)
      .sort((a, b) => a.seq - b.seq)
      .slice(0, params.number(3))
      .map((row) => ({ timeline: id, ...shown(context, row) }))
  })
}

function othersAfter(context: StatementContext, params: Params): readonly Row[] {
  const { tx, flaws } = context
  const afters = params.numbers(2)
  return params.texts(1).flatMap((id, index) => {
    const timeline = byId(context, id)
    const after = afters[index] ?? 0
    if (!timeline) return []
    return tx
      .filter('entry', (row) => row.timelineKey === timeline.key && row.offset > after)
      .sort((a, b) => a.offset - b.offset)
      .slice(0, params.number(3))
      .map((row) => ({
        timeline: id,
        offset: row.offset,
        entry: flaws.revokedUnreadable && row.body.kind === 'revoked' ? { ...row.body, kind: 'unheard-of' } : row.body,
      }))
  })
}

async function insertEntries({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  const bodies = params.texts(4)
  for (const [index, timelineKey] of params.numbers(1).entries()) {
    await tx.insert('entry', {
      timelineKey,
      offset: params.numbers(2)[index] ?? 0,
      seq: params.numbers(3)[index] ?? 0,
      body: JSON.parse(bodies[index] ?? 'null') as Entry,
    })
  }
  return []
}

async function moveByOne({ tx, nowMs }: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const row of await lockInOrder(tx, params.numbers(1))) {
    tx.put('timeline', { ...row, lastOffset: row.lastOffset + 1, movedAtMs: movedAt(row, nowMs) })
  }
  return []
}
