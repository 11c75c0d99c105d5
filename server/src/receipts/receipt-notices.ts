import { LIMITS, userTimeline, type ConversationId, type ReceiptCount, type Seq, type UserId } from '@hongyan/protocol'
import type { Db } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { readCounts } from './receipt-reader.ts'

export interface ReceiptNoticesDeps {
  readonly db: Db
  readonly announcer: Announcer
  readonly clock: Clock
  readonly logger: Logger
}

/** A message that got receipts of which its sender has not been told. */
export interface Receipted {
  readonly conversationId: ConversationId
  readonly timelineKey: number
  readonly seq: Seq
  readonly senderId: UserId
}

const EVERY_MS = 1_000
const MAX_WAITING = 10_000
const MAX_PER_FLUSH = 500

/**
 * Tells senders how many have sent receipts: at once when it has been quiet, then at most once a second, whoever reads
 * how much (each sender and conversation gets one push then). The numbers are read when they are told, in one statement for
 * all, so however many receipts came in between, the last notice is right. A notice may be lost, and a client can ask.
 */
export class ReceiptNotices {
  readonly #deps: ReceiptNoticesDeps
  readonly #waiting = new Map<string, Receipted>()
  #notBeforeMs = 0
  #cancel: (() => void) | undefined
  #telling: Promise<void> | undefined
  #dropped = 0
  #isRunning = false

  constructor(deps: ReceiptNoticesDeps) {
    this.#deps = deps
  }

  /** After the commit of receipts. */
  note(receipted: readonly Receipted[]): void {
    for (const each of receipted) this.#add(each)
    this.#arm()
  }

  stats(): { readonly waiting: number; readonly dropped: number } {
    return { waiting: this.#waiting.size, dropped: this.#dropped }
  }

  /** What is noted before waits for this. */
  start(): void {
    this.#isRunning = true
    this.#arm()
  }

  /** Nothing is told any more when this has resolved. */
  async stop(): Promise<void> {
    this.#isRunning = false
    this.#cancel?.()
    await this.#telling
  }

  #add(receipted: Receipted): void {
    const key = `${receipted.timelineKey} ${receipted.seq}`
    if (this.#waiting.has(key)) return
    if (this.#waiting.size >= MAX_WAITING) this.#dropped++
    else this.#waiting.set(key, receipted)
  }

  #arm(): void {
    if (!this.#isRunning || this.#cancel || this.#telling || this.#waiting.size === 0) return
    const delayMs = Math.max(0, this.#notBeforeMs - this.#deps.clock.monotonicMs())
    this.#cancel = this.#deps.clock.after(delayMs, () => {
      this.#cancel = undefined
      this.#telling = this.#tell().finally(() => {
        this.#telling = undefined
        this.#notBeforeMs = this.#deps.clock.monotonicMs() + EVERY_MS
        this.#arm()
      })
    })
  }

  async #tell(): Promise<void> {
    const due = [...this.#waiting].slice(0, MAX_PER_FLUSH)
    for (const [key] of due) this.#waiting.delete(key)
    const receipted = due.map(([, each]) => each)
    try {
      const counts = await readCounts(this.#deps.db, receipted)
      this.#announce(receipted, counts)
    } catch (err) {
      this.#deps.logger.warn({ err, messages: due.length }, 'senders could not be told of receipts; later again')
      for (const each of receipted) this.#add(each)
    }
  }

  #announce(receipted: readonly Receipted[], counts: Awaited<ReturnType<typeof readCounts>>): void {
    const countOf = new Map(counts.map((count) => [`${count.timelineKey} ${count.seq}`, count]))
    for (const [{ senderId, conversationId }, messages] of bySender(receipted)) {
      const own = messages.flatMap(({ timelineKey, seq }): ReceiptCount[] => {
        const count = countOf.get(`${timelineKey} ${seq}`)
        return count ? [{ seq, read: count.read, unread: count.unread }] : []
      })
      own.sort((a, b) => a.seq - b.seq)
      for (let start = 0; start < own.length; start += LIMITS.receiptsPerRequest) {
        this.#deps.announcer.announceVolatile(userTimeline(senderId), {
          kind: 'receipt-counts',
          conversationId,
          counts: own.slice(start, start + LIMITS.receiptsPerRequest),
        })
      }
    }
  }
}

/** One list per sender and conversation, under the first of its messages. */
function bySender(receipted: readonly Receipted[]): Iterable<readonly [Receipted, readonly Receipted[]]> {
  const lists = new Map<string, [Receipted, Receipted[]]>()
  for (const each of receipted) {
    const key = `${each.senderId} ${each.timelineKey}`
    const list = lists.get(key)
    if (list) list[1].push(each)
    else lists.set(key, [each, [each]])
  }
  return lists.values()
}
