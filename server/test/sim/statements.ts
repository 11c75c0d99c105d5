import { conversationOfTimeline, type Entry, type TimelineId } from '@hongyan/protocol'
import type { Param } from '../../src/db/db.ts'
import type { SimTransaction, StoreFlaws } from './sim-transaction.ts'
import type { Counters, MemberRow, MessageTableRow, TimelineRow } from './tables.ts'

/** Where a statement runs. */
export interface StatementContext {
  readonly tx: SimTransaction
  readonly counters: Counters
  readonly flaws: StoreFlaws
  readonly epoch: string
  /** The wall clock of the database's machine. */
  readonly nowMs: number
}

type Row = object
type Quad = [number, number, number, number]
type Run = (context: StatementContext, params: Params) => readonly Row[] | Promise<readonly Row[]>

/** The parameters of a statement, read as what its SQL casts them to. */
class Params {
  readonly #values: readonly Param[]

  constructor(values: readonly Param[]) {
    this.#values = values
  }

  number(place: number): number {
    return Number(this.#values[place - 1])
  }

  numberOrNull(place: number): number | null {
    const value = this.#values[place - 1]
    return value === null || value === undefined ? null : Number(value)
  }

  text(place: number): string {
    return String(this.#values[place - 1])
  }

  textOrNull(place: number): string | null {
    const value = this.#values[place - 1]
    return value === null || value === undefined ? null : String(value)
  }

  flag(place: number): boolean {
    return this.#values[place - 1] === true
  }

  texts(place: number): readonly string[] {
    return parseArray(this.text(place))
  }

  numbers(place: number): readonly number[] {
    return this.texts(place).map(Number)
  }
}

/** The elements of a PostgreSQL array literal as db/arrays.ts writes it. */
function parseArray(literal: string): readonly string[] {
  const items: string[] = []
  for (let i = 1; i < literal.length - 1; i++) {
    if (literal[i] === ',') continue
    let item = ''
    if (literal[i] === '"') {
      for (i++; literal[i] !== '"'; i++) {
        if (literal[i] === '\\') i++
        item += literal[i]
      }
    } else {
      for (; i < literal.length - 1 && literal[i] !== ','; i++) item += literal[i]
    }
    items.push(item)
  }
  return items
}

/**
 * What each statement of the server means, as the naive walk over the tables. The key is how the statement begins, or,
 * where several begin alike, a part that only it has. A statement that is not here fails the run: whoever writes new SQL
 * says here what it means.
 */
const MEANINGS: readonly (readonly [string, Run])[] = [
  // ── timelines ──
  ['FROM timeline WHERE id = ANY($1::text[]) ORDER BY key FOR NO KEY UPDATE', lockTimelinesById],
  ['FROM timeline WHERE key = ANY($1::bigint[]) ORDER BY key FOR NO KEY UPDATE SKIP LOCKED', lockHeads],
  ['FROM timeline WHERE id = ANY($1::text[])', readHeadsOf],
  ['FROM timeline WHERE moved_at >=', readMoved],
  ['SELECT d.id AS timeline, page.* FROM', messagesAfter],
  ['SELECT d.id AS timeline, page."offset", page.entry', othersAfter],
  ['SELECT epoch FROM store', ({ epoch, flaws }) => [{ epoch: flaws.constantEpoch ? 'epoch' : epoch }]],
  ['INSERT INTO entry', insertEntries],
  ['UPDATE timeline SET last_offset = last_offset + 1', moveByOne],
  // ── messages ──
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
  // ── conversations ──
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
  // ── logins and accounts ──
  ['SELECT key FROM account WHERE key = $1 FOR NO KEY UPDATE', lockAccount],
  ['INSERT INTO login', insertLogin],
  ['DELETE FROM login', deleteLogins],
  ['SELECT key, device, instance_id AS "instanceId" FROM login', readLogins],
  ['SELECT key FROM login WHERE key = ANY($1::bigint[]) ORDER BY key FOR KEY SHARE', holdLogins],
  ['SELECT key FROM login WHERE key = ANY($1::bigint[])', readAliveLogins],
  ['SELECT key FROM login WHERE key = $1 FOR KEY SHARE', holdLogin],
  ['FROM account WHERE id = ANY($1::text[])', readAccounts],
  ['INSERT INTO account', insertAccounts],
  ['INSERT INTO timeline (id) SELECT', insertTimelines],
]

const KNOWN = new Map<string, Run>()

/** Carries a statement out in its transaction. */
export async function carryOut(
  context: StatementContext,
  text: string,
  params: readonly Param[],
): Promise<readonly Row[]> {
  const run = KNOWN.get(text) ?? meaningOf(text)
  return run(context, new Params(params))
}

function meaningOf(text: string): Run {
  const flat = text.replace(/\s+/g, ' ').trim()
  const found = MEANINGS.find(([part]) => flat.includes(part))
  if (!found) throw new Error(`the model does not know this statement: ${flat}`)
  KNOWN.set(text, found[1])
  return found[1]
}

// ── timelines ──

function byId({ tx }: StatementContext, id: string): TimelineRow | undefined {
  return tx.find('timeline', (row) => row.id === id)
}

async function lockTimelinesById(context: StatementContext, params: Params): Promise<readonly Row[]> {
  const { tx } = context
  const keys = params.texts(1).flatMap((id) => byId(context, id)?.key ?? [])
  return lockInOrder(tx, keys)
}

async function lockInOrder(tx: SimTransaction, keys: readonly number[]): Promise<TimelineRow[]> {
  const rows: TimelineRow[] = []
  for (const key of [...new Set(keys)].sort((a, b) => a - b)) {
    await tx.lock('timeline', String(key))
    const row = tx.get('timeline', String(key))
    if (row) rows.push(row)
  }
  return rows
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

function movedAt(row: TimelineRow, nowMs: number): number {
  return Math.max(row.movedAtMs, Math.floor(nowMs / 2000) * 2000)
}

async function moveByOne({ tx, nowMs }: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const row of await lockInOrder(tx, params.numbers(1))) {
    tx.put('timeline', { ...row, lastOffset: row.lastOffset + 1, movedAtMs: movedAt(row, nowMs) })
  }
  return []
}

// ── messages ──

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

async function lockMember(tx: SimTransaction, timelineKey: number, accountKey: number): Promise<MemberRow | undefined> {
  const key = `${timelineKey} ${accountKey}`
  await tx.lock('member', key)
  return tx.get('member', key)
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

/** A message's row as MESSAGE_COLUMNS gives it. */
function shown({ tx }: StatementContext, row: MessageTableRow): Row {
  const { revokedByKey, ...rest } = row
  return {
    ...rest,
    senderId: tx.get('account', String(row.senderKey))?.id,
    revokedBy: revokedByKey === null ? null : (tx.get('account', String(revokedByKey))?.id ?? null),
  }
}

function readMessage(context: StatementContext, params: Params): readonly Row[] {
  const row = context.tx.get('message', `${params.number(1)} ${params.number(2)}`)
  return row ? [shown(context, row)] : []
}

function isDeletedFor({ tx }: StatementContext, accountKey: number, row: MessageTableRow): boolean {
  return tx.get('deleted', `${accountKey} ${row.timelineKey} ${row.seq}`) !== undefined
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

// ── conversations ──

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

async function insertTimeline({ tx, counters, nowMs }: StatementContext, id: string): Promise<number | undefined> {
  const head = { lastOffset: 0, lastSeq: 0, lastCountable: 0, lastSentAtMs: 0, movedAtMs: nowMs }
  const row = { key: ++counters.timeline, id: id as TimelineId, ...head }
  return (await tx.insertUnlessThere('timeline', row)) ? row.key : undefined
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

// ── logins and accounts ──

async function lockAccount({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  await tx.lock('account', String(params.number(1)))
  const row = tx.get('account', String(params.number(1)))
  return row ? [row] : []
}

async function insertLogin({ tx, counters }: StatementContext, params: Params): Promise<readonly Row[]> {
  const key = ++counters.login
  await tx.insert('login', { key, accountKey: params.number(1), device: params.text(2), instanceId: params.text(3) })
  return [{ key }]
}

async function deleteLogins({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const key of params.numbers(1)) {
    await tx.lock('login', String(key))
    const row = tx.get('login', String(key))
    if (row) tx.delete('login', row)
  }
  return []
}

function readLogins({ tx }: StatementContext, params: Params): readonly Row[] {
  return tx.filter('login', (row) => row.accountKey === params.number(1)).sort((a, b) => a.key - b.key)
}

async function holdLogins({ tx, flaws }: StatementContext, params: Params): Promise<readonly Row[]> {
  if (flaws.loginsAlwaysAlive) return params.numbers(1).map((key) => ({ key }))
  const alive: Row[] = []
  for (const key of [...params.numbers(1)].sort((a, b) => a - b)) {
    await tx.lock('login', String(key), 'share')
    if (tx.get('login', String(key))) alive.push({ key })
  }
  return alive
}

function readAliveLogins({ tx }: StatementContext, params: Params): readonly Row[] {
  const keys = new Set(params.numbers(1))
  return tx.filter('login', (row) => keys.has(row.key))
}

async function holdLogin({ tx, flaws }: StatementContext, params: Params): Promise<readonly Row[]> {
  tx.heldLogins.add(params.number(1))
  if (flaws.loginsAlwaysAlive) return [{ key: params.number(1) }]
  await tx.lock('login', String(params.number(1)), 'share')
  const row = tx.get('login', String(params.number(1)))
  return row ? [row] : []
}

function readAccounts({ tx }: StatementContext, params: Params): readonly Row[] {
  const ids = new Set(params.texts(1))
  return tx.filter('account', (row) => ids.has(row.id))
}

async function insertAccounts({ tx, counters }: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const [index, id] of params.texts(1).entries()) {
    const names = { nick: params.texts(2)[index] ?? '', avatar: params.texts(3)[index] ?? '' }
    await tx.insertUnlessThere('account', { key: ++counters.account, id: id as never, ...names, isDisabled: false })
  }
  return []
}

async function insertTimelines(context: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const id of params.texts(1)) await insertTimeline(context, id)
  return []
}
