import { conversationOfTimeline, unreadOf, type ConversationId, type UserId } from '@hongyan/protocol'
import { readStates } from '../conversations/conversation-reader.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Random } from '../kit/random.ts'
import { readCounts } from '../receipts/receipt-reader.ts'
import { impossibleReaders, recountReceipts } from './receipt-recount.ts'
import { readReceiptFacts, readReceiptSample, recountMembers, recountUnread } from './recount-reader.ts'
import { readSample, type Sampled } from './sample-reader.ts'

/** A number that is not what counting gives. */
export type Difference = {
  readonly conversationId: ConversationId | undefined
  readonly stored: number
  readonly counted: number
} & (
  | { readonly kind: 'unread'; readonly userId: UserId }
  | { readonly kind: 'member-count' }
  | { readonly kind: 'receipts-read' | 'receipts-unread'; readonly seq: number }
  /** Receipts of this account (`stored`) are for messages beyond the last one (`counted`). */
  | { readonly kind: 'receipts-beyond' }
)

export interface AuditReport {
  /** Numbers that were compared. */
  readonly checked: number
  /** Members with more messages after their mark than are counted one by one. */
  readonly skipped: number
  readonly differences: readonly Difference[]
}

export interface AuditDeps {
  readonly db: Db
  readonly random: Random
}

const MAX_MESSAGES_EACH = 200_000
const DEADLINE_MS = 60_000

/**
 * Recounts, by brute force, numbers that are derived from others: unread, members of groups, receipts. All of one moment,
 * however busy the server is. It reads only; there must never be a difference (Decision E).
 */
export class AuditService {
  readonly #deps: AuditDeps

  constructor(deps: AuditDeps) {
    this.#deps = deps
  }

  /** Looks at as many random places; members that are hit twice are looked at once. */
  async audit(places: number): Promise<AuditReport> {
    const { random, db } = this.#deps
    const chosen = Array.from({ length: places }, () => ({
      conversation: random.fraction(),
      member: random.fraction(),
    }))
    return db.transaction(
      async (tx) => {
        // Numbers read one after the other are of one moment only if nothing that others commit is seen meanwhile.
        const [, sample] = await Promise.all([
          tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY'),
          readSample(tx, chosen),
        ])
        const parts = [
          await auditUnread(tx, sample),
          await auditMembers(tx, sample),
          await this.#auditReceipts(tx, sample),
        ]
        return {
          checked: parts.reduce((sum, part) => sum + part.checked, 0),
          skipped: parts.reduce((sum, part) => sum + part.skipped, 0),
          differences: parts.flatMap((part) => part.differences),
        }
      },
      { retry: true, deadlineMs: DEADLINE_MS },
    )
  }

  async #auditReceipts(tx: Tx, sample: readonly Sampled[]): Promise<AuditReport> {
    const idOf = new Map(sample.map(({ timelineKey, timeline }) => [timelineKey, conversationOfTimeline(timeline)]))
    const places = await readReceiptSample(
      tx,
      [...idOf.keys()].map((timelineKey) => ({ timelineKey, fraction: this.#deps.random.fraction() })),
    )
    const told = await readCounts(tx, places)
    const differences: Difference[] = []
    for (const count of told) {
      const facts = await readReceiptFacts(tx, count)
      if (!facts) continue
      const { seq } = count
      const conversationId = idOf.get(count.timelineKey)
      const { read, unread } = recountReceipts(facts)
      if (read !== count.read)
        differences.push({ kind: 'receipts-read', conversationId, seq, stored: count.read, counted: read })
      if (unread !== count.unread)
        differences.push({ kind: 'receipts-unread', conversationId, seq, stored: count.unread, counted: unread })
      for (const accountKey of impossibleReaders(facts))
        differences.push({ kind: 'receipts-beyond', conversationId, stored: accountKey, counted: facts.lastSeq })
    }
    return { checked: told.length, skipped: 0, differences }
  }
}

async function auditUnread(tx: Tx, sample: readonly Sampled[]): Promise<AuditReport> {
  const counted = new Map(
    (await recountUnread(tx, sample, MAX_MESSAGES_EACH)).map((row) => [`${row.timelineKey} ${row.accountKey}`, row]),
  )
  let checked = 0
  const differences: Difference[] = []
  for (const { timeline, timelineKey, accountKey, userId } of sample) {
    const unread = counted.get(`${timelineKey} ${accountKey}`)?.unread ?? null
    if (unread === null) continue
    // As the user's own devices get it: what is audited is what they show.
    const [shown] = (await readStates(tx, accountKey, [timelineKey])).states
    if (!shown) continue
    checked++
    const stored = unreadOf(shown.state)
    const conversationId = conversationOfTimeline(timeline)
    if (stored !== unread) differences.push({ kind: 'unread', conversationId, userId, stored, counted: unread })
  }
  return { checked, skipped: sample.length - checked, differences }
}

async function auditMembers(tx: Tx, sample: readonly Sampled[]): Promise<AuditReport> {
  const idOf = new Map(sample.map(({ timelineKey, timeline }) => [timelineKey, conversationOfTimeline(timeline)]))
  const groups = await recountMembers(tx, [...idOf.keys()])
  return {
    checked: groups.length,
    skipped: 0,
    differences: groups
      .filter(({ stored, counted }) => stored !== counted)
      .map(({ timelineKey, stored, counted }) => ({
        kind: 'member-count',
        conversationId: idOf.get(timelineKey),
        stored,
        counted,
      })),
  }
}
