import { Refused, type Message } from '@hongyan/protocol'
import type { Db } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import { Outage } from '../kit/outage.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { GroupCommit, type Commit, type Outcome } from '../timelines/group-commit.ts'
import { entryFrame } from '../timelines/payload.ts'
import { planBatch, type BatchPlan, type NewMessage, type StoredMessage } from './message-batch.ts'
import type { AppendRequest } from './append-request.ts'
import { lockForBatch, wasSentBefore, writeBatch } from './message-writer.ts'

export interface CommitterDeps {
  readonly db: Db
  readonly announcer: Announcer
  readonly clock: Clock
  readonly onCommit?: (commit: Commit) => void
}

const MAX_BATCH = 400
const MAX_WAITING = 20_000
/**
 * A conversation whose lock is held by somebody else for longer than this answers BUSY (F-06). Together with the deadline
 * of one transaction it is less than the 5 s within which everybody gets an answer (F-05).
 */
const MAX_WAIT_MS = 1_500
/** Where one message is sent again there are more: after an outage, or from a client that does it on purpose. */
const RESENDS_MS = 10_000

/** The node's one writer of messages: many sends, one transaction (Decision D). */
export class MessageCommitter {
  readonly #deps: CommitterDeps
  readonly #commits: GroupCommit<AppendRequest, StoredMessage>
  #resendsUntilMs = 0

  constructor(deps: CommitterDeps) {
    this.#deps = deps
    this.#commits = new GroupCommit({
      commit: (requests) => this.#commit(requests),
      isOutage: (error) => error instanceof Outage,
      busy: () => new Refused('BUSY'),
      clock: deps.clock,
      ...(deps.onCommit ? { onCommit: deps.onCommit } : {}),
      maxBatch: MAX_BATCH,
      maxWaiting: MAX_WAITING,
      maxWaitMs: MAX_WAIT_MS,
    })
  }

  /** Resolves when the message is durable and announced. The same request again gives the same answer. */
  append(request: AppendRequest): Promise<StoredMessage> {
    return this.#commits.submit(request)
  }

  stats(): { readonly waiting: number; readonly batches: number } {
    return { waiting: this.#commits.waiting, batches: this.#commits.batches }
  }

  async #commit(requests: readonly AppendRequest[]): Promise<readonly Outcome<StoredMessage>[]> {
    const plan = await this.#store(requests)
    for (const message of plan.messages) this.#announce(message)
    return plan.outcomes
  }

  /** Expects fresh messages: asking for each whether it is one would cost a third of inserting it (docs/adr/0003). */
  async #store(requests: readonly AppendRequest[]): Promise<BatchPlan> {
    const { clock } = this.#deps
    if (clock.monotonicMs() < this.#resendsUntilMs) return this.#tryToStore(requests, true)
    try {
      return await this.#tryToStore(requests, false)
    } catch (err) {
      if (!wasSentBefore(err)) throw err
      this.#resendsUntilMs = clock.monotonicMs() + RESENDS_MS
      return this.#tryToStore(requests, true)
    }
  }

  #tryToStore(requests: readonly AppendRequest[], mayBeResent: boolean): Promise<BatchPlan> {
    return this.#deps.db.transaction(async (tx) => {
      const plan = planBatch(requests, await lockForBatch(tx, requests, mayBeResent), this.#deps.clock.now())
      await writeBatch(tx, plan)
      return plan
    })
  }

  #announce(message: NewMessage): void {
    const { timeline } = message.request
    const { offset } = message.stored
    const entryJson = `{"kind":"message","message":${messageJson(message)}}`
    const isParticular = message.receivers !== undefined
    this.#deps.announcer.announceFrame(timeline, offset, entryFrame(timeline, offset, entryJson), { isParticular })
  }
}

/** The message as `messageOf` would give it, put together from JSON that exists already. */
export function messageJson({
  request,
  stored,
  bodyJson,
}: Pick<NewMessage, 'request' | 'stored' | 'bodyJson'>): string {
  const own: Omit<Message, 'elements'> = {
    id: `${request.senderKey}-${request.draft.clientMsgId}`,
    conversationId: request.conversationId,
    seq: stored.seq,
    senderId: request.senderId,
    sentAtMs: stored.sentAtMs,
    countable: stored.countable,
  }
  return `${JSON.stringify(own).slice(0, -1)},${bodyJson.slice(1)}`
}
