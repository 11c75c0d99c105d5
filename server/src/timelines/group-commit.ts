import type { Clock } from '../kit/clock.ts'

/** What became of one item of a batch. */
export type Outcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: Error }
  /** What it needs was locked by somebody else: try again in the next batch, in the same order. */
  | { readonly kind: 'contended' }

export interface GroupCommitOptions<Item, Result> {
  /** Commits the items in one transaction: one outcome each, in their order. Rejects when the transaction failed as a whole. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Outcome<Result>[]>
  /** True when a failure of the whole batch says nothing about its items (the database is away): they all fail with it. */
  readonly isOutage: (error: Error) => boolean
  /** What an item gets that found the queue full, or waited longer than it may and would have to wait on. */
  readonly busy: () => Error
  readonly clock: Clock
  /** Hears of each transaction: how many items, how long it took, and for how long those had waited that it settled well. */
  readonly onCommit?: (commit: Commit) => void
  readonly maxBatch: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
}

/** One transaction, as the metrics see it. */
export interface Commit {
  readonly items: number
  readonly tookMs: number
  readonly isDone: boolean
  /** From being submitted to being durable, of each item that is done. */
  readonly waitedMs: readonly number[]
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly sinceMs: number
  readonly resolve: (result: Result) => void
  readonly reject: (error: Error) => void
}

/** A pause before contended items are tried again when nothing else is to be done. */
const CONTENTION_PAUSE_MS = 5

/**
 * One committer: what arrives while a transaction is in flight waits, and goes together in the next (Decision D). No
 * timer: an idle node commits a lone item at once. Items are committed in the order in which they were submitted,
 * except that contended ones stay behind while others pass.
 */
export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>
  #queue: Waiting<Item, Result>[] = []
  #isCommitting = false
  #batches = 0

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options
  }

  /** Resolves with the item's own result once it is durable. */
  submit(item: Item): Promise<Result> {
    if (this.#queue.length >= this.#options.maxWaiting) return Promise.reject(this.#options.busy())
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, sinceMs: this.#options.clock.monotonicMs(), resolve, reject })
      if (!this.#isCommitting) this.#commitAll()
    })
  }

  get waiting(): number {
    return this.#queue.length
  }

  get batches(): number {
    return this.#batches
  }

  #commitAll(): void {
    this.#isCommitting = true
    // A turn of microtasks later, so that all frames of one socket read share the first transaction.
    void Promise.resolve().then(() => this.#drain())
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#options.maxBatch)
      const contended = await this.#commitBatch(batch)
      this.#putBack(contended)
      if (contended.length > 0 && contended.length === this.#queue.length) await this.#pause()
    }
    // In the same turn as the check above, or an item that comes in between would wait for ever.
    this.#isCommitting = false
  }

  /** Settles what it can; returns the contended rest, in order. */
  async #commitBatch(batch: readonly Waiting<Item, Result>[]): Promise<readonly Waiting<Item, Result>[]> {
    this.#batches++
    const startedMs = this.#options.clock.monotonicMs()
    try {
      const outcomes = await this.#options.commit(batch.map((waiting) => waiting.item))
      this.#tell(batch, startedMs, outcomes)
      return batch.filter((waiting, index) => !settle(waiting, outcomes[index]))
    } catch (err) {
      this.#tell(batch, startedMs)
      const error = err instanceof Error ? err : new Error(String(err))
      const isOutage = this.#options.isOutage(error)
      if (batch.length > 1 && !isOutage) return this.#commitOneByOne(batch)
      for (const waiting of batch) waiting.reject(error)
      // Who has waited for this one as long as it took would wait as long again.
      if (isOutage) this.#queue = this.#refuseLate(this.#queue)
      return []
    }
  }

  /** After a failure that one item caused, so that it fails alone. */
  async #commitOneByOne(batch: readonly Waiting<Item, Result>[]): Promise<readonly Waiting<Item, Result>[]> {
    const contended: Waiting<Item, Result>[] = []
    for (const waiting of batch) {
      for (const patient of this.#refuseLate([waiting])) contended.push(...(await this.#commitBatch([patient])))
    }
    return contended
  }

  /** Without outcomes: it has failed. */
  #tell(batch: readonly Waiting<Item, Result>[], startedMs: number, outcomes?: readonly Outcome<Result>[]): void {
    const { onCommit, clock } = this.#options
    if (!onCommit) return
    const nowMs = clock.monotonicMs()
    const waitedMs: number[] = []
    for (const [index, { sinceMs }] of batch.entries()) {
      if (outcomes?.[index]?.kind === 'done') waitedMs.push(nowMs - sinceMs)
    }
    onCommit({ items: batch.length, tookMs: nowMs - startedMs, isDone: outcomes !== undefined, waitedMs })
  }

  #putBack(contended: readonly Waiting<Item, Result>[]): void {
    if (contended.length > 0) this.#queue = [...this.#refuseLate(contended), ...this.#queue]
  }

  /** Those that have not waited too long yet. */
  #refuseLate(waiting: readonly Waiting<Item, Result>[]): Waiting<Item, Result>[] {
    const { clock, maxWaitMs, busy } = this.#options
    const latestMs = clock.monotonicMs() - maxWaitMs
    return waiting.filter(({ sinceMs, reject }) => {
      if (sinceMs < latestMs) reject(busy())
      return sinceMs >= latestMs
    })
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(CONTENTION_PAUSE_MS, resolve)
    })
  }
}

/** False when the item has to be tried again. */
function settle<Item, Result>(waiting: Waiting<Item, Result>, outcome: Outcome<Result> | undefined): boolean {
  if (outcome === undefined) waiting.reject(new Error('the batch has no outcome for this item'))
  else if (outcome.kind === 'done') waiting.resolve(outcome.result)
  else if (outcome.kind === 'failed') waiting.reject(outcome.error)
  else return false
  return true
}
