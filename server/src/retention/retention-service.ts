import { conversationOfTimeline, type Entry, type TimelineId } from '@hongyan/protocol'
import type { Db, Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendEntries, lockTimelines, type AppendedEntry } from '../timelines/timeline-writer.ts'
import { countExpired, readBehind, readCut, readOldest, type Oldest } from './retention-reader.ts'
import { expiryMs, type KeptSort, type RetentionPolicy } from './retention-rules.ts'
import { cutOff, raiseBases, tryTakeTurn } from './retention-writer.ts'

export interface RetentionDeps {
  readonly db: Db
  readonly announcer: Pick<Announcer, 'announceAll'>
  readonly policy: RetentionPolicy
  readonly clock: Clock
  /** Hears what one turn has removed, when it has removed something. */
  readonly onRemoved: (removed: { readonly messages: number; readonly conversations: number }) => void
}

/** What would go, of one conversation. */
export interface WouldGo {
  readonly timeline: TimelineId
  readonly messages: number
  readonly files: number
}

const CONVERSATIONS_PER_PAGE = 500
/** So few that the conversation's lock is held for some milliseconds only: sends wait behind it. */
const MESSAGES_PER_BATCH = 200
const MEMBERS_PER_BATCH = 50
/** Between batches, so that whoever waits for the disk has his turn. */
const PAUSE_MS = 20

/**
 * Removes messages that are older than they are to be kept, conversation by conversation, from the oldest on. Numbers are
 * never given again and what is left keeps its own: a conversation then begins later, and a device that was before its new
 * beginning starts it anew from a snapshot. Nobody's unread number counts what is gone. Content of files goes with the
 * cleaner of media, once no message shows it.
 */
export class RetentionService {
  readonly #deps: RetentionDeps
  #messages = 0

  constructor(deps: RetentionDeps) {
    this.#deps = deps
  }

  /** Messages removed since the start. */
  get removed(): number {
    return this.#messages
  }

  /** Goes once through all conversations. Ends early when it is told to, or when another node is at it. */
  async removeExpired(signal: AbortSignal): Promise<void> {
    let [messages, conversations] = [0, 0]
    for await (const { conversation, beforeMs } of this.#expired(signal)) {
      const removed = await this.#empty(conversation, beforeMs, signal)
      if (removed === 'not-my-turn') break
      messages += removed
      if (removed > 0) conversations++
    }
    if (messages > 0) this.#deps.onRemoved({ messages, conversations })
  }

  /** What `removeExpired` would remove now. */
  async *wouldGo(): AsyncGenerator<WouldGo, void, undefined> {
    for await (const { conversation, beforeMs } of this.#expired(new AbortController().signal)) {
      const { timeline, timelineKey } = conversation
      yield { timeline, ...(await countExpired(this.#deps.db, timelineKey, beforeMs)) }
    }
  }

  async *#expired(
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly conversation: Oldest; readonly beforeMs: number }, void, undefined> {
    const { db, policy, clock } = this.#deps
    for (let afterKey = 0; !signal.aborted;) {
      const page = await readOldest(db, afterKey, CONVERSATIONS_PER_PAGE)
      for (const conversation of page) {
        const sort = sortOf(conversation)
        const beforeMs = sort && expiryMs(sort, conversation.rule ?? undefined, policy, clock.now())
        const { oldestAtMs } = conversation
        if (beforeMs !== undefined && oldestAtMs !== null && oldestAtMs < beforeMs) yield { conversation, beforeMs }
      }
      const last = page.at(-1)
      if (!last || page.length < CONVERSATIONS_PER_PAGE) return
      afterKey = last.timelineKey
    }
  }

  async #empty(conversation: Oldest, beforeMs: number, signal: AbortSignal): Promise<number | 'not-my-turn'> {
    let removed = 0
    while (!signal.aborted) {
      const step = await this.#step(conversation, beforeMs)
      if (step === 'not-my-turn') return step
      if (step === 'done') return removed
      removed += step
      this.#messages += step
      await new Promise<void>((resolve) => void this.#deps.clock.after(PAUSE_MS, resolve))
    }
    return removed
  }

  /** One short transaction: takes some members past what is to go, or, when none is behind, removes it. */
  async #step(conversation: Oldest, beforeMs: number): Promise<number | 'done' | 'not-my-turn'> {
    const { db, announcer } = this.#deps
    const { outcome, appended } = await db.transaction((tx) => takeStep(tx, conversation, beforeMs))
    announcer.announceAll(appended)
    return outcome
  }
}

interface Step {
  readonly outcome: number | 'done' | 'not-my-turn'
  readonly appended: readonly AppendedEntry[]
}

async function takeStep(tx: Tx, { timeline, timelineKey }: Oldest, beforeMs: number): Promise<Step> {
  if (!(await tryTakeTurn(tx))) return { outcome: 'not-my-turn', appended: [] }
  const cut = await readCut(tx, timelineKey, beforeMs, MESSAGES_PER_BATCH)
  if (!cut) return { outcome: 'done', appended: [] }
  const behind = await readBehind(tx, timelineKey, cut.seq, MEMBERS_PER_BATCH)
  const locked = await lockTimelines(tx, [timeline, ...behind.map(({ own }) => own)])
  if (!locked.has(timeline)) return { outcome: 'done', appended: [] }
  // Asked before the locks: whoever has come since counts from where he came, which is later.
  if (behind.length === 0) return { outcome: await cutOff(tx, timelineKey, cut), appended: [] }
  const bases = await raiseBases(
    tx,
    timelineKey,
    cut,
    behind.map(({ accountKey }) => accountKey),
  )
  const appends = behind.flatMap(({ accountKey, own }) => {
    const [base, ownTimeline] = [bases.get(accountKey), locked.get(own)]
    const conversationId = conversationOfTimeline(timeline)
    if (!base || !ownTimeline || conversationId === undefined) return []
    const entry: Entry = { kind: 'cleared', conversationId, base }
    return [{ timeline: ownTimeline, entry }]
  })
  return { outcome: 0, appended: appends.length === 0 ? [] : await appendEntries(tx, appends) }
}

/** Undefined for a user's own timeline: nothing is said there. */
function sortOf({ timeline, groupType }: Oldest): KeptSort | undefined {
  if (groupType !== null) return groupType
  if (timeline.startsWith('c:c2c:')) return 'c2c'
  return timeline.startsWith('c:system:') ? 'system' : undefined
}
