import { c2cConversationId, type ConversationId, type Entry, type TimelineId, type UserId } from '@hongyan/protocol'
import type { Change, Draft } from '../../../client-sdk/src/core/client-api.ts'
import { FLAG, messageOf } from '../../src/timelines/message-row.ts'
import type { Line } from './line.ts'
import { Oracle } from './oracle.ts'
import type { SimApp } from './sim-app.ts'
import type { SimPostgres } from './sim-postgres.ts'
import type { SimTransaction } from './sim-transaction.ts'
import type { MessageTableRow, Tables } from './tables.ts'

export interface Violation {
  readonly promise: string
  readonly text: string
  readonly atMs: number
}

/** A message somebody sent, with every answer he got. */
export interface SendRecord {
  readonly app: SimApp
  readonly draft: Draft
  readonly order: number
  readonly isPoison: boolean
  readonly login: object | undefined
  issued: number
  pending: number
  readonly acks: { readonly seq: number; readonly epoch: string }[]
  readonly failures: string[]
}

interface Told {
  readonly seqs: Map<ConversationId, number[]>
  syncedAtMs: number | undefined
  hasReset: boolean
}

interface Marks {
  readSeq: number
  peerReadSeq: number
  clearedSeq: number
  hiddenSeq: number
}

/** Looks at everything that happens and says what must not; keeps what the last questions need. */
export class Witness {
  readonly oracle = new Oracle()
  readonly violations: Violation[] = []
  readonly sends = new Map<string, SendRecord>()
  readonly accounts = new Map<number, UserId>()
  stats = { messages: 0, entries: 0, told: 0, revoked: 0, pushes: 0, displaced: 0, gapsRepaired: 0, refused: 0 }
  readonly #postgres: SimPostgres
  readonly #trace: (text: string) => void
  readonly #onCommitted: (timeline: TimelineId, offset: number) => void
  /** What a device was told, by its login and the epoch it was in. */
  readonly #told = new Map<SimApp, Map<string, Told>>()
  readonly #marks = new Map<string, Marks>()
  readonly #logins = new Map<object, number>()
  readonly #pushed = new Map<Line, Map<string, number>>()
  readonly #resetLines = new Set<Line>()
  readonly #appOf = new Map<Line, SimApp>()
  /** Texts of revoked messages, with the line's age from which on they must not be seen. */
  readonly #gone = new Map<string, { readonly atMs: number }>()
  /** The greatest seq any device of a user was shown, by epoch and conversation. */
  readonly #known = new Map<string, number>()
  /** Revocations each line has carried. */
  readonly #revokedOn = new Map<Line, Set<string>>()

  constructor(
    postgres: SimPostgres,
    options: {
      readonly trace: (text: string) => void
      readonly onCommitted: (timeline: TimelineId, offset: number) => void
    },
  ) {
    this.#postgres = postgres
    this.#trace = options.trace
    this.#onCommitted = options.onCommitted
    postgres.onCommit = (tx, before) => this.#onCommit(tx, before)
  }

  blame(promise: string, text: string): void {
    this.#trace(`VIOLATION ${promise} ${text}`)
    this.violations.push({ promise, text, atMs: this.#postgres.time.nowMs })
  }

  // ── the store ──

  #onCommit(tx: SimTransaction, before: Tables): void {
    const { tables, time } = this.#postgres
    for (const row of tx.writes.account.values()) if (row) this.accounts.set(row.key, row.id)
    const fresh: { timeline: TimelineId; offset: number; entry: Entry }[] = []
    for (const [key, row] of tx.writes.message) {
      const timeline = row && tables.timeline.get(String(row.timelineKey))?.id
      if (!row || timeline === undefined) continue
      if (before.message.has(key) && !this.#postgres.flaws.noUniqueIndex) this.#onMessageChanged(row, timeline)
      else {
        fresh.push({ timeline, offset: row.offset, entry: this.#messageEntry(row, timeline) })
        this.#onMessageStored(row)
      }
    }
    for (const [key, row] of tx.writes.entry) {
      const timeline = row && tables.timeline.get(String(row.timelineKey))?.id
      if (!row || timeline === undefined || before.entry.has(key)) continue
      fresh.push({ timeline, offset: row.offset, entry: row.body })
      this.stats.entries++
    }
    fresh.sort((a, b) => (a.timeline < b.timeline ? -1 : a.timeline > b.timeline ? 1 : a.offset - b.offset))
    for (const one of fresh) this.#take(one, time.nowMs)
    this.#checkMarks(tx, before)
    this.#checkLogins(tx, tables)
  }

  #take(one: { timeline: TimelineId; offset: number; entry: Entry }, atMs: number): void {
    this.#trace(`commit ${one.timeline} ${one.offset} ${one.entry.kind}`)
    const head = this.oracle.headOf(one.timeline)
    if (one.offset !== head + 1) this.blame('I3', `${one.timeline}: offset ${one.offset} was committed after ${head}`)
    if (one.entry.kind === 'message') {
      const { message } = one.entry
      const earlier = this.oracle.messagesOf(message.conversationId)
      const last = earlier.at(-1)
      if (message.seq !== earlier.length + 1) {
        this.blame('I3', `${message.conversationId}: seq ${message.seq} after ${earlier.length} messages`)
      }
      if (last && last.sentAtMs >= message.sentAtMs) this.blame('I10', `${message.id} was not sent after ${last.id}`)
      if (this.oracle.entries.some(({ entry }) => entry.kind === 'message' && entry.message.id === message.id)) {
        this.blame('I2', `${message.id} was stored twice`)
      }
    }
    if (one.entry.kind === 'read' && one.entry.base.seq > (this.#headSeq(one.timeline) ?? 0)) {
      this.blame('I5', `${one.timeline}: a read mark beyond the last message`)
    }
    if (one.entry.kind === 'read') this.#checkReader(one.timeline, one.entry.userId, one.entry.base.seq)
    this.oracle.add({ ...one, atMs })
    this.#onCommitted(one.timeline, one.offset)
  }

  /** I12: what a user marks as read in this store, one of his devices has seen in this store. */
  #checkReader(timeline: TimelineId, userId: UserId, seq: number): void {
    const known = this.#known.get(`${this.#postgres.epoch} ${userId} ${timeline}`) ?? 0
    if (seq <= known || this.#postgres.flaws.constantEpoch) return
    this.blame('I12', `${userId} has read ${timeline} up to ${seq}, and was shown ${known} in this epoch`)
  }

  #know(app: SimApp, ids: readonly ConversationId[]): void {
    for (const id of ids) {
      const key = `${app.inside?.store.epoch} ${app.userId} c:${id}`
      const lastSeq = app.client.conversation(id)?.lastSeq ?? 0
      this.#known.set(key, Math.max(lastSeq, this.#known.get(key) ?? 0))
    }
  }

  #headSeq(timeline: TimelineId): number | undefined {
    return this.oracle.messagesOf(timeline.slice(2) as ConversationId).at(-1)?.seq
  }

  #messageEntry(row: MessageTableRow, timeline: TimelineId): Entry {
    const people = { senderId: this.accounts.get(row.senderKey) ?? ('?' as UserId), revokedBy: null }
    return { kind: 'message', message: messageOf(timeline.slice(2) as ConversationId, { ...row, ...people }) }
  }

  #onMessageStored(row: MessageTableRow): void {
    this.stats.messages++
    const sender = this.accounts.get(row.senderKey)
    const record = this.sends.get(`${sender} ${row.clientMsgId}`)
    if (!record) return this.blame('I2', `${row.clientMsgId} was stored and nobody sent it`)
    if (record.isPoison) this.blame('I2', `${row.clientMsgId} was stored and should have been refused`)
    if (((row.flags & FLAG.UNCOUNTED) !== 0) !== (record.draft.uncounted === true)) {
      this.blame('I2', `${row.clientMsgId} was stored with other flags`)
    }
    const { instanceId } = record.app
    for (const login of this.#postgres.tables.login.values()) if (login.instanceId === instanceId) return
    this.blame('I7', `${row.clientMsgId} was stored although ${instanceId} had lost its place`)
  }

  #onMessageChanged(row: MessageTableRow, timeline: TimelineId): void {
    if (row.revokedAtMs === null) return this.blame('I1', `${timeline} ${row.seq} was changed`)
    this.stats.revoked++
    const record = this.sends.get(`${this.accounts.get(row.senderKey)} ${row.clientMsgId}`)
    if (record) this.#gone.set(textOf(record.draft), { atMs: this.#postgres.time.nowMs })
  }

  #checkMarks(tx: SimTransaction, before: Tables): void {
    for (const [key, row] of tx.writes.member) {
      const old = before.member.get(key)
      if (!row || !old) continue
      for (const mark of ['readSeq', 'clearedSeq', 'hiddenSeq', 'baseSeq', 'own'] as const) {
        if (row[mark] < old[mark]) this.blame('I5', `member ${key}: ${mark} sank from ${old[mark]} to ${row[mark]}`)
      }
    }
  }

  #checkLogins(tx: SimTransaction, tables: Tables): void {
    if (tx.writes.login.size === 0) return
    const places = new Set<string>()
    for (const { accountKey, device } of tables.login.values()) {
      const place = `${this.accounts.get(accountKey)} ${device}`
      if (places.has(place)) this.blame('I7', `two logins in ${place}`)
      places.add(place)
    }
  }

  /** The store was put back to when the oracle had so many entries. */
  onRewind(length: number): void {
    this.oracle.rewind(length)
    // What was revoked after the backup is not revoked any more.
    this.#gone.clear()
  }

  // ── the wire ──

  onDial(line: Line, app: SimApp): void {
    this.#appOf.set(line, app)
  }

  onClientFrame(line: Line, text: string): void {
    this.#trace(`> ${this.#appOf.get(line)?.instanceId} ${text}`)
    if (!text.includes('"sync.snapshot"')) return
    this.#resetLines.add(line)
    const told = this.#toldOf(this.#appOf.get(line))
    if (told?.syncedAtMs !== undefined) told.hasReset = true
  }

  onServerFrame(line: Line, text: string): void {
    this.#trace(`< ${this.#appOf.get(line)?.instanceId} ${text}`)
    if (text.startsWith('{"type":"push"')) this.#onPush(line, text)
    else if (text.startsWith('{"type":"error"')) this.stats.refused++
    for (const [canary, { atMs }] of this.#gone) {
      if (line.openedAtMs > atMs && text.includes(canary)) {
        this.blame('I6', `${canary} was revoked at ${atMs} and went out on a line opened at ${line.openedAtMs}`)
      }
    }
  }

  #onPush(line: Line, text: string): void {
    this.stats.pushes++
    const push = JSON.parse(text) as { readonly timeline: TimelineId; readonly offset: number; readonly entry: Entry }
    const offsets = this.#pushed.get(line) ?? new Map<string, number>()
    this.#pushed.set(line, offsets)
    const last = offsets.get(push.timeline)
    if (last !== undefined && push.offset <= last) {
      this.blame('I3', `${push.timeline}: ${push.offset} was pushed after ${last} on one line`)
    }
    if (last !== undefined && push.offset > last + 1 && !this.#resetLines.has(line)) {
      this.blame('I3', `${push.timeline}: ${push.offset} was pushed after ${last}: a hole`)
    }
    offsets.set(push.timeline, push.offset)
    const app = this.#appOf.get(line)
    if (app && !isOf(push.timeline, app.userId)) this.blame('I11', `${app.userId} was pushed ${push.timeline}`)
    const revoked = this.#revokedOn.get(line) ?? new Set()
    this.#revokedOn.set(line, revoked)
    if (push.entry.kind === 'revoked') revoked.add(`${push.timeline} ${push.entry.seq}`)
    if (push.entry.kind === 'message' && revoked.has(`${push.timeline} ${push.entry.message.seq}`)) {
      this.blame('I6', `${push.timeline}: a revoked message was pushed after its revocation`)
    }
  }

  // ── the devices ──

  onChange(app: SimApp, change: Change): void {
    this.#trace(`! ${app.instanceId} ${JSON.stringify(change)}`)
    if (change.kind === 'messages') this.#onMessages(app, change.conversationId, change.messages)
    else if (change.kind === 'conversations') this.#onConversations(app, change)
    else if (change.kind === 'ended') this.stats.displaced++
  }

  #onMessages(app: SimApp, conversationId: ConversationId, messages: readonly { readonly seq: number }[]): void {
    const told = this.#toldOf(app)
    if (!told) return this.blame('I7', `${app.instanceId} was told of messages without a login`)
    // The store behind it was restored and it does not know yet: it will forget all this.
    if (this.#isStale(app)) return
    const seqs = told.seqs.get(conversationId) ?? []
    told.seqs.set(conversationId, seqs)
    for (const { seq } of messages) {
      this.stats.told++
      const last = seqs.at(-1) ?? 0
      if (seqs.includes(seq)) this.blame('I2', `${app.instanceId} was told twice of ${conversationId} ${seq}`)
      else if (seq <= last) this.blame('I3', `${app.instanceId} was told of ${conversationId} ${seq} after ${last}`)
      seqs.push(seq)
    }
  }

  #isStale(app: SimApp): boolean {
    return !this.#postgres.flaws.constantEpoch && app.inside?.store.epoch !== this.#postgres.epoch
  }

  #onConversations(app: SimApp, change: Extract<Change, { kind: 'conversations' }>): void {
    this.#know(app, change.ids)
    const told = this.#toldOf(app)
    if (told && change.isSyncComplete) told.syncedAtMs ??= this.#postgres.time.nowMs
    const key = this.#periodOf(app)
    for (const id of change.ids) {
      const seen = app.client.conversation(id)
      if (!seen || key === undefined) continue
      const marks = this.#marks.get(`${key} ${id}`)
      if (marks) {
        for (const mark of ['readSeq', 'peerReadSeq', 'clearedSeq', 'hiddenSeq'] as const) {
          if (seen[mark] < marks[mark]) {
            this.blame('I5', `${app.instanceId} ${id}: ${mark} sank from ${marks[mark]} to ${seen[mark]}`)
          }
        }
      }
      if (seen.unread < 0) this.blame('I4', `${app.instanceId} ${id}: unread ${seen.unread}`)
      const { readSeq, peerReadSeq, clearedSeq, hiddenSeq } = seen
      this.#marks.set(`${key} ${id}`, { readSeq, peerReadSeq, clearedSeq, hiddenSeq })
    }
  }

  /** What a device was told since its login, in the epoch it is in. */
  toldNow(app: SimApp): Told | undefined {
    return this.#toldOf(app)
  }

  #toldOf(app: SimApp | undefined): Told | undefined {
    const key = app && this.#periodOf(app)
    if (!app || key === undefined) return undefined
    const periods = this.#told.get(app) ?? new Map<string, Told>()
    this.#told.set(app, periods)
    const told = periods.get(key) ?? { seqs: new Map(), syncedAtMs: undefined, hasReset: false }
    periods.set(key, told)
    return told
  }

  #periodOf(app: SimApp): string | undefined {
    const login = app.inside
    if (!login) return undefined
    if (!this.#logins.has(login)) this.#logins.set(login, this.#logins.size)
    return `${app.instanceId} ${this.#logins.get(login)} ${login.store.epoch}`
  }
}

/** A text that no other message holds. */
export function textOf(draft: Draft): string {
  const [element] = draft.elements
  return element?.type === 'text' ? element.text : ''
}

/** Whether this timeline is this user's to hear. */
export function isOf(timeline: TimelineId, userId: UserId): boolean {
  if (timeline.startsWith('u:')) return timeline === `u:${userId}`
  return timeline.slice(2).split(':').slice(1).includes(encodeURIComponent(userId))
}

export function conversationOf(a: UserId, b: UserId): ConversationId {
  return c2cConversationId(a, b)
}
