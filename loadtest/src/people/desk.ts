import { ERRORS } from '@hongyan/protocol'
import type { Meter } from '../measure/meter.ts'
import type { Random } from '../plan/random.ts'
import type { Clock, Timers } from '../run/timers.ts'
import type { WireSession } from '../wire/wire-session.ts'
import type { Errand, Outcome } from './errand.ts'

export interface DeskPorts {
  readonly clock: Clock
  readonly timers: Timers
  readonly meter: Meter
  readonly random: Random
}

/** What waits for a connection; beyond it new errands fail at once. */
const MAX_WAITING = 1000
const MAX_ATTEMPTS = 30
const RETRY_FIRST_MS = 250
const RETRY_CAP_MS = 4000

/**
 * The errands of one client. What has no answer yet outlives its connection and is sent again on the next with the same
 * content, so with the same clientMsgId; what the server is too busy for, after the time that it names, or after a wait
 * that doubles.
 */
export class Desk {
  readonly #ports: DeskPorts
  #session: WireSession | undefined
  #waiting: Errand[] = []
  #open = 0

  constructor(ports: DeskPorts) {
    this.#ports = ports
  }

  /** How many have no answer yet. */
  get open(): number {
    return this.#open
  }

  ask(errand: Omit<Errand, 'attempts'>): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#ports.meter.count('refused OUTBOX_FULL')
      return errand.settle({ ok: false, why: 'refused', name: 'OUTBOX_FULL' })
    }
    this.#open++
    this.#try({ ...errand, attempts: 0 })
  }

  /** The client is up to date: everything may go out, in the order in which it came. */
  flow(session: WireSession): void {
    this.#session = session
    const waiting = this.#waiting
    this.#waiting = []
    for (const errand of waiting) this.#try(errand)
  }

  /** The connection is gone. Its own requests have been told already that there will be no answer. */
  stop(): void {
    this.#session = undefined
  }

  /** The client will not come back: nothing will be answered any more. */
  giveUp(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const errand of waiting) this.#end(errand, { ok: false, why: 'unknown', name: 'NO_ANSWER' })
  }

  #try(errand: Errand): void {
    const session = this.#session
    if (!session) {
      this.#waiting.push(errand)
      return
    }
    errand.attempts++
    session.request(errand.command, errand.body, (frame) => this.#onAnswer(errand, frame))
  }

  #onAnswer(errand: Errand, frame: Buffer | undefined): void {
    if (frame === undefined) {
      this.#ports.meter.count('answers lost with their connection')
      if (errand.isOnce) return this.#end(errand, { ok: false, why: 'unknown', name: 'NO_ANSWER' })
      this.#waiting.push(errand)
      return
    }
    const answer = parseAnswer(frame)
    if (answer.ok) {
      const { clock, meter } = this.#ports
      if (errand.timed !== undefined) meter.time(errand.timed, clock() - errand.dueMs)
      return this.#end(errand, answer)
    }
    const { name, isRetryable, retryAfterMs } = answer
    if (!isRetryable || errand.isOnce || errand.attempts >= MAX_ATTEMPTS) {
      this.#ports.meter.count(`refused ${name}`)
      return this.#end(errand, { ok: false, why: 'refused', name })
    }
    this.#ports.meter.count(`put off ${name}`)
    this.#tryLater(errand, retryAfterMs)
  }

  #tryLater(errand: Errand, hintMs: number): void {
    const { clock, timers, random } = this.#ports
    const doubledMs = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** errand.attempts)
    timers.at(clock() + Math.max(hintMs, doubledMs * (0.5 + random() / 2)), () => this.#try(errand))
  }

  #end(errand: Errand, outcome: Outcome): void {
    this.#open--
    errand.settle(outcome)
  }
}

type Answer =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly name: string; readonly isRetryable: boolean; readonly retryAfterMs: number }

/** Reads a reply or an error; what the server says about when to come again, too. */
export function parseAnswer(frame: Buffer): Answer {
  const { type, body, error } = JSON.parse(frame.toString('utf8')) as {
    readonly type: string
    readonly body?: Readonly<Record<string, unknown>>
    readonly error?: { readonly name?: string; readonly retryable?: boolean; readonly retryAfterMs?: number }
  }
  if (type === 'reply') return { ok: true, body: body ?? {} }
  const name = error?.name ?? 'INTERNAL'
  const known = Object.hasOwn(ERRORS, name)
  return {
    ok: false,
    name: known ? name : `unknown name ${name.slice(0, 40)}`,
    isRetryable: error?.retryable === true,
    retryAfterMs: error?.retryAfterMs ?? 0,
  }
}
