import { LIMITS } from '@hongyan/protocol'
import { SmallSet } from '../kit/small-set.ts'
import type { Connection } from './connection.ts'
import { Inbox, type InboxItem } from './inbox.ts'
import { Valve } from './valve.ts'

/**
 * The requests of one session that are not done yet, and whether it is read from. A session that asks for nothing does
 * without: most are idle, and this is 200 bytes.
 */
export class PendingRequests {
  readonly #unanswered = new SmallSet<number>()
  readonly #valve: Valve
  readonly #inbox: Inbox
  readonly #onIdle: () => void

  /** `onIdle` is told when nothing of it is needed any more. */
  constructor(connection: Pick<Connection, 'pause' | 'resume'>, onIdle: () => void) {
    this.#valve = new Valve(connection)
    this.#inbox = new Inbox(this.#valve, LIMITS.pendingRequests, () => this.#rest())
    this.#onIdle = onIdle
  }

  /** Whether a request with this id has no answer yet ([REQ-1]). */
  has(id: number): boolean {
    return this.#unanswered.has(id)
  }

  add(id: number, item: InboxItem): void {
    this.#unanswered.add(id)
    this.#inbox.add(item)
  }

  /** The answer is on its way: the id may be used again. */
  answered(id: number): void {
    this.#unanswered.delete(id)
  }

  /** Forgets what waits; what is being served goes on. */
  clear(): void {
    this.#inbox.clear()
  }

  get isFlooded(): boolean {
    return this.#valve.isFlooded
  }

  /** For somebody who goes on and on after refusals. */
  shutForFlood(): void {
    this.#valve.shutForFlood()
  }

  openAfterFlood(): void {
    this.#valve.openAfterFlood()
    this.#rest()
  }

  #rest(): void {
    if (this.#inbox.pending === 0 && !this.#valve.isFlooded) this.#onIdle()
  }
}
