import { SYSTEM_USER_ID, type ConversationId, type Entry, type TimelineId, type UserId } from '@hongyan/protocol'
import type { Change, Conversation, Draft } from '../../../client-sdk/src/core/client-api.ts'
import { SYSTEM_ACCOUNT_KEY } from '../../src/accounts/account-rules.ts'
import { FLAG, messageOf } from '../../src/timelines/message-row.ts'
import { Exposure } from './exposure.ts'
import type { Line } from './line.ts'
import { Oracle, textIn, type MessageOf } from './oracle.ts'
import type { SimApp } from './sim-app.ts'
import type { SimPostgres } from './sim-postgres.ts'
import type { SimTransaction } from './sim-transaction.ts'
import type { ChatGroupRow, MessageTableRow, Tables } from './tables.ts'

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

/** Members are muted for longer, and nobody's clock is wrong by as much. */
const MUTED_MS = 3 * 86_400_000

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
  readonly accounts = new Map<number, UserId>([[SYSTEM_ACCOUNT_KEY, SYSTEM_USER_ID]])
  stats = {
    messages: 0,
    entries: 0,
    told: 0,
    revoked: 0,
    pushes: 0,
    displaced: 0,
    gapsRepaired: 0,
    refused: 0,
    modified: 0,
    tips: 0,
    grouped: 0,
  }
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
  readonly #exposure: Exposure
  readonly #receipts = new Map<string, Set<number>>()

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
    this.#exposure = new Exposure(this.oracle, (text) => {
      // After a rewind there is something under way everywhere that was true before it.
      if (postgres.stats.rewinds === 0) this.blame('I11', text)
    })
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
    for (const [key, row] of tx.writes.chatGroup) {
      if (row && !before.chatGroup.has(key)) this.#onFounded(row)
    }
    const fresh: { timeline: TimelineId; offset: number; entry: Entry }[] = []
    for (const [key, row] of tx.writes.message) {
      const timeline = row && tables.timeline.get(String(row.timelineKey))?.id
      if (!row || timeline === undefined) continue
      const old = before.message.get(key)
      if (old && !this.#postgres.flaws.noUniqueIndex) this.#onMessageChanged(old, row, timeline)
      else {
        fresh.push({ timeline, offset: row.offset, entry: this.#messageEntry(row, timeline) })
        this.#onMessageStored(row, timeline)
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
      if (this.oracle.has(message.id)) this.blame('I2', `${message.id} was stored twice`)
      this.#checkSpeaker(message, one.offset)
    }
    if (one.entry.kind === 'read') this.#checkReader(one.timeline, one.entry.userId, one.entry.base.seq)
    if (one.entry.kind === 'read-here') {
      const { conversationId, base } = one.entry
      this.#checkReader(`c:${conversationId}` as TimelineId, one.timeline.slice(2) as UserId, base.seq)
    }
    if (one.entry.kind === 'modified') this.#checkChange(one.timeline, one.entry)
    this.oracle.add({ ...one, atMs })
    this.#onCommitted(one.timeline, one.offset)
  }

  /** I11: who is no member, or may not speak, says nothing. */
  #checkSpeaker(message: MessageOf, offset: number): void {
    const { conversationId: id, senderId, receiverIds } = message
    const { groups } = this.oracle
    if (!groups.isOne(id)) return
    if (senderId === SYSTEM_USER_ID) {
      this.stats.tips++
      return
    }
    this.stats.grouped++
    if (!groups.wasIn(id, senderId, offset)) this.blame('I11', `${senderId} spoke in ${id} and was no member`)
    if (groups.isDismissed(id)) this.blame('I11', `${senderId} spoke in ${id}, which was dismissed`)
    const isMember = groups.roleOf(id, senderId) === 'member'
    if (groups.isMuted(id) && isMember) this.blame('I11', `${senderId} spoke in ${id} while nobody might`)
    // Longer than any clock of this world is wrong.
    const isMuted = groups.mutedUntilMs(id, senderId) > this.#postgres.nowMs + MUTED_MS
    if (isMuted) this.blame('I11', `${senderId} spoke in ${id} and was muted`)
    if (receiverIds && !receiverIds.some((userId) => groups.wasIn(id, userId, offset))) {
      this.blame('I11', `${senderId} told ${receiverIds.join()} in ${id}, where nobody of them is`)
    }
  }

  /** One outcome: each change follows the one before it, and none a revocation (I6). */
  #checkChange(timeline: TimelineId, change: Extract<Entry, { kind: 'modified' }>): void {
    this.stats.modified++
    const said = this.oracle.of(timeline).map(({ entry }) => entry)
    const before = said.filter((entry) => entry.kind === 'modified' && entry.seq === change.seq).length
    if (change.version !== before + 1) {
      this.blame('I6', `${timeline} ${change.seq}: version ${change.version} after ${before} changes`)
    }
    if (said.some((entry) => entry.kind === 'revoked' && entry.seq === change.seq)) {
      this.blame('I6', `${timeline} ${change.seq} was changed after it was revoked`)
    }
  }

  /** I12: what a user marks as read in this store, one of his devices has seen in this store. */
  #checkReader(timeline: TimelineId, userId: UserId, seq: number): void {
    if (seq > (this.#headSeq(timeline) ?? 0)) this.blame('I5', `${timeline}: a read mark beyond the last message`)
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

  #onFounded({ timelineKey, type, name, founderKey }: ChatGroupRow): void {
    const timeline = this.#postgres.tables.timeline.get(String(timelineKey))?.id
    const founderId = this.accounts.get(founderKey)
    if (timeline === undefined || founderId === undefined) return
    this.oracle.groups.note(timeline.slice(2) as ConversationId, { type, name, founderId })
  }

  #onMessageStored(row: MessageTableRow, timeline: TimelineId): void {
    this.stats.messages++
    if (row.senderKey === SYSTEM_ACCOUNT_KEY) return this.#checkSystem(row, timeline)
    const sender = this.accounts.get(row.senderKey)
    const record = this.sends.get(`${sender} ${row.clientMsgId}`)
    if (!record) return this.blame('I2', `${row.clientMsgId} was stored and nobody sent it`)
    if (record.isPoison) this.blame('I2', `${row.clientMsgId} was stored and should have been refused`)
    if (
      ((row.flags & FLAG.UNCOUNTED) !== 0) !==
      (record.draft.uncounted === true || record.draft.receiverIds !== undefined)
    ) {
      this.blame('I2', `${row.clientMsgId} was stored with other flags`)
    }
    const { instanceId } = record.app
    for (const login of this.#postgres.tables.login.values()) if (login.instanceId === instanceId) return
    this.blame('I7', `${row.clientMsgId} was stored although ${instanceId} had lost its place`)
  }

  /** Tips are told in groups, notices in conversations with the server, and nothing else by it. */
  #checkSystem(row: MessageTableRow, timeline: TimelineId): void {
    const type = row.body.elements[0]?.type
    const isRight = type === (timeline.startsWith('c:group:') ? 'tip' : 'notice') && !timeline.startsWith('c:c2c:')
    if (!isRight) this.blame('I2', `the server said a ${type} in ${timeline}`)
  }

  #onMessageChanged(old: MessageTableRow, row: MessageTableRow, timeline: TimelineId): void {
    if (old.revokedAtMs !== null) return this.blame('I6', `${timeline} ${row.seq} was changed after it was revoked`)
    if (row.revokedAtMs !== null) return this.#onRevoked(row, timeline)
    const isChanged = row.version === old.version + 1
    const isReceipted = old.receiptAtMs === null && row.receiptAtMs !== null && row.version === old.version
    if (!isChanged && !isReceipted) this.blame('I1', `${timeline} ${row.seq} was changed`)
  }

  /** What it has ever said must not be seen any more. */
  #onRevoked(row: MessageTableRow, timeline: TimelineId): void {
    this.stats.revoked++
    const record = this.sends.get(`${this.accounts.get(row.senderKey)} ${row.clientMsgId}`)
    const said = this.oracle.of(timeline).flatMap(({ entry }) => {
      return entry.kind === 'modified' && entry.seq === row.seq ? [textIn(entry.elements)] : []
    })
    for (const text of [...said, ...(record ? [textOf(record.draft)] : [])]) {
      this.#gone.set(text, { atMs: this.#postgres.time.nowMs })
    }
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

  /** For which messages a user has ever sent a receipt. */
  receiptsOf(userId: UserId, conversationId: ConversationId): Set<number> {
    const key = `${userId} ${conversationId}`
    const asked = this.#receipts.get(key) ?? new Set()
    this.#receipts.set(key, asked)
    return asked
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
    this.#exposure.onRequest(line, text)
    if (!text.includes('"sync.snapshot"')) return
    this.#resetLines.add(line)
    const told = this.#toldOf(this.#appOf.get(line))
    if (told?.syncedAtMs !== undefined) told.hasReset = true
  }

  onServerFrame(line: Line, text: string): void {
    this.#trace(`< ${this.#appOf.get(line)?.instanceId} ${text}`)
    if (text.startsWith('{"type":"push"')) this.#onPush(line, text)
    else if (text.startsWith('{"type":"error"')) this.stats.refused++
    else if (text.startsWith('{"type":"reply"')) this.#onReply(line, text)
    for (const [canary, { atMs }] of this.#gone) {
      if (line.openedAtMs > atMs && text.includes(canary)) {
        this.blame('I6', `${canary} was revoked at ${atMs} and went out on a line opened at ${line.openedAtMs}`)
      }
    }
  }

  #onReply(line: Line, text: string): void {
    const app = this.#appOf.get(line)
    if (app) this.#exposure.onReply(line, app.userId, text)
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
    if (
      last !== undefined &&
      push.offset > last + 1 &&
      !this.#resetLines.has(line) &&
      !this.#cameAfter(line, push.timeline, last)
    ) {
      this.blame('I3', `${push.timeline}: ${push.offset} was pushed after ${last}: a hole`)
    }
    offsets.set(push.timeline, push.offset)
    const app = this.#appOf.get(line)
    if (app) this.#exposure.onEntry(app.userId, push.timeline, push.offset, push.entry, 'by push')
    const revoked = this.#revokedOn.get(line) ?? new Set()
    this.#revokedOn.set(line, revoked)
    if (push.entry.kind === 'revoked') revoked.add(`${push.timeline} ${push.entry.seq}`)
    if (push.entry.kind === 'message' && revoked.has(`${push.timeline} ${push.entry.message.seq}`)) {
      this.blame('I6', `${push.timeline}: a revoked message was pushed after its revocation`)
    }
  }

  /** He has come back to a group since: what lies between is not his. */
  #cameAfter(line: Line, timeline: TimelineId, offset: number): boolean {
    const app = this.#appOf.get(line)
    const stays = app ? this.oracle.groups.stays(timeline.slice(2) as ConversationId, app.userId) : []
    return stays.some(({ from }) => from >= offset)
  }

  // ── the devices ──

  onChange(app: SimApp, change: Change): void {
    this.#trace(`! ${app.instanceId} ${JSON.stringify(change)}`)
    if (change.kind === 'messages') this.#onMessages(app, change.conversationId, change.messages)
    else if (change.kind === 'conversations') this.#onConversations(app, change)
    else if (change.kind === 'ended') this.stats.displaced++
    else if (change.kind === 'left') this.#forgetMarks(app, change.conversation.conversationId)
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
      const period = `${key} ${id} ${membershipOf(seen)}`
      const marks = this.#marks.get(period)
      if (marks) {
        for (const mark of ['readSeq', 'peerReadSeq', 'clearedSeq', 'hiddenSeq'] as const) {
          if (seen[mark] < marks[mark]) {
            this.blame('I5', `${app.instanceId} ${id}: ${mark} sank from ${marks[mark]} to ${seen[mark]}`)
          }
        }
      }
      if (seen.unread < 0) this.blame('I4', `${app.instanceId} ${id}: unread ${seen.unread}`)
      const { readSeq, peerReadSeq, clearedSeq, hiddenSeq } = seen
      this.#marks.set(period, { readSeq, peerReadSeq, clearedSeq, hiddenSeq })
    }
  }

  #forgetMarks(app: SimApp, id: ConversationId): void {
    for (const key of this.#marks.keys()) if (key.startsWith(`${this.#periodOf(app)} ${id} `)) this.#marks.delete(key)
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

/** Marks belong to a membership: who comes back begins anew. */
function membershipOf({ about }: Conversation): string {
  return about.type === 'group' ? String(about.self.joinedAtMs) : ''
}

/** A text that no other message holds. */
export function textOf(draft: Draft): string {
  const [element] = draft.elements
  return element?.type === 'text' ? element.text : ''
}
