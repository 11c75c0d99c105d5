import type { ConversationId, ReplyOf } from '@hongyan/protocol'
import type { Draft, Platform, Sent } from './client-api.ts'
import { clientFailure, type Failure, type Outcome } from './failure.ts'

/** Messages that wait for their answer; beyond it new ones are refused at once. */
const MAX_PENDING = 2000

export interface SenderPorts {
  readonly clock: Platform['clock']
  readonly timeoutMs: number
  /** Sends until there is an answer, on this connection or the next, at most this long. */
  readonly ask: (draft: Draft, timeoutMs: number, settle: (outcome: Outcome<ReplyOf<'message.send'>>) => void) => void
  /** The server stored it; called in the turn of the answer, before the application's promise has its turn. */
  readonly onStored: (draft: Draft, reply: ReplyOf<'message.send'>) => void
  /** Whether anything can be sent now; tells a missing network from a missing answer. */
  readonly isConnected: () => boolean
}

interface Job {
  readonly draft: Draft
  readonly deadlineMs: number
  readonly resolve: (sent: Sent) => void
  readonly fail: (failure: Failure) => void
  cancelDeadline: () => void
}

/**
 * The outbox: drafts that have no definite answer yet. One message of a conversation is on its way at a time, so that
 * one which the server must be asked for twice cannot be overtaken by the next (promise I3); conversations do not wait for each
 * other. What is refused for good fails alone (promise I13).
 */
export class Sender {
  private readonly ports: SenderPorts
  private readonly queues = new Map<ConversationId, Job[]>()
  private pending = 0

  constructor(ports: SenderPorts) {
    this.ports = ports
  }

  send(draft: Draft): Promise<Sent> {
    return new Promise((resolve, reject) => {
      if (this.pending >= MAX_PENDING) return reject(clientFailure('TOO_MANY_REQUESTS'))
      const { clock, timeoutMs } = this.ports
      const deadlineMs = clock.monotonicMs() + timeoutMs
      const fail = (failure: Failure): void => reject(clientFailure(failure))
      const job: Job = { draft, deadlineMs, resolve, fail, cancelDeadline: () => undefined }
      const queue = this.queues.get(draft.conversationId)
      this.pending++
      if (queue === undefined) {
        this.queues.set(draft.conversationId, [job])
        this.ask(job)
      } else {
        job.cancelDeadline = clock.after(timeoutMs, () => this.giveUp(job))
        queue.push(job)
      }
    })
  }

  /** The login is over: everything fails. */
  close(failure: Failure): void {
    const queues = [...this.queues.values()]
    this.queues.clear()
    this.pending = 0
    for (const queue of queues) {
      for (const job of queue) {
        job.cancelDeadline()
        job.fail(failure)
      }
    }
  }

  private ask(job: Job): void {
    const { clock } = this.ports
    job.cancelDeadline()
    this.ports.ask(job.draft, Math.max(0, job.deadlineMs - clock.monotonicMs()), (outcome) => {
      if (!this.remove(job)) return
      if (outcome.ok) {
        job.resolve({ seq: outcome.body.seq, sentAtMs: outcome.body.sentAtMs })
        this.ports.onStored(job.draft, outcome.body)
      } else job.fail(outcome.failure)
      const next = this.queues.get(job.draft.conversationId)?.[0]
      if (next !== undefined) this.ask(next)
    })
  }

  /** It never got its turn. */
  private giveUp(job: Job): void {
    if (this.remove(job)) job.fail(this.ports.isConnected() ? 'TIMEOUT' : 'NO_NETWORK')
  }

  private remove(job: Job): boolean {
    const id = job.draft.conversationId
    const queue = this.queues.get(id)
    const index = queue === undefined ? -1 : queue.indexOf(job)
    if (queue === undefined || index < 0) return false
    queue.splice(index, 1)
    if (queue.length === 0) this.queues.delete(id)
    this.pending--
    return true
  }
}
