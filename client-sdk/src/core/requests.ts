import type { CommandName, ErrorName, ReplyOf, RequestOf } from '@hongyan/protocol'
import type { Platform } from './client-api.ts'
import { clientFailure, type Failure, type Outcome } from './failure.ts'
import { fitsFrame } from './frame-bounds.ts'
import type { Incoming } from './frames.ts'

/** Requests on the wire at once; well below the number at which the server stops reading. */
const MAX_IN_FLIGHT = 100
/** Requests that wait for a connection or their turn; beyond it new ones are refused at once. */
const MAX_WAITING = 4096
const RETRY_FIRST_MS = 250
const RETRY_CAP_MS = 4000

/**
 * How long a request belongs to what:
 * `once`: to this connection, and the first answer counts (session.open, session.close);
 * `session`: to this connection, asked again when the server was busy (sync);
 * `login`: to the login; it waits for a session, and is sent again on the next one if this one is lost. Our commands are
 * idempotent, so sending again is safe; the few that are not say so (`isOnce`), and those that refuse what is done already
 * tell such a refusal from others (`replyIfDone`).
 */
export type Scope = 'once' | 'session' | 'login'

export interface RequestsPorts {
  readonly clock: Platform['clock']
  readonly random: () => number
  /** Hands a frame to the socket; false when there is none. */
  readonly transmit: (text: string) => boolean
  /** Default deadline, ms. */
  readonly timeoutMs: number
}

export interface AskOptions<Reply = unknown> {
  readonly scope?: Scope
  readonly timeoutMs?: number
  /** It means messages or ends of conversations as this store numbers them, and must not reach another (promise I12). */
  readonly isOfEpoch?: boolean
  /** Not idempotent: without an answer it fails with TIMEOUT instead of being sent again. */
  readonly isOnce?: boolean
  /**
   * The reply where this refusal says that it is done already; undefined where it says something else. Asked only when the
   * request went out more than once: then an earlier sending may have done it, and its answer was lost.
   */
  readonly replyIfDone?: (refusal: Failure) => Reply | undefined
}

interface Pending {
  readonly order: number
  readonly isOfEpoch: boolean
  readonly isOnce: boolean
  readonly command: CommandName
  /** As it travels: always the same, however often it is sent. */
  readonly body: string
  readonly scope: Scope
  readonly settle: (outcome: Outcome<never>) => void
  cancelDeadline: () => void
  cancelRetry: (() => void) | undefined
  wasSent: boolean
  /** How often it was handed to a socket. */
  sendings: number
  refusals: number
  lastRefusal: ErrorName | undefined
}

/**
 * Requests and their answers: each settles exactly once, by its answer, its deadline, or the end of what it belongs to.
 * Settling is a synchronous call in the order of the frames: a promise's turn may come after later frames (WeChat on old
 * iOS), and a snapshot must be in the store before the push behind it.
 */
export class Requests {
  private readonly ports: RequestsPorts
  private readonly inFlight = new Map<number, Pending>()
  /** Those of scope `login` that are not on the wire, in the order they were asked. */
  private waiting: Pending[] = []
  /** Those the server was too busy for, until they are asked again. */
  private readonly resting = new Set<Pending>()
  private isFlowing = false
  private lastId = 0
  private lastOrder = 0

  constructor(ports: RequestsPorts) {
    this.ports = ports
  }

  /** Asks; `settle` is called once. */
  ask<Name extends CommandName>(
    command: Name,
    body: RequestOf<Name>,
    settle: (outcome: Outcome<ReplyOf<Name>>) => void,
    options: AskOptions<ReplyOf<Name>> = {},
  ): void {
    const pending: Pending = {
      order: ++this.lastOrder,
      isOfEpoch: options.isOfEpoch ?? false,
      isOnce: options.isOnce ?? false,
      command,
      body: JSON.stringify(body),
      scope: options.scope ?? 'login',
      settle: (outcome: Outcome<ReplyOf<Name>>) => {
        const isDoubtful = !outcome.ok && pending.sendings > 1
        const reply = isDoubtful ? options.replyIfDone?.(outcome.failure) : undefined
        settle(reply === undefined ? outcome : { ok: true, body: reply })
      },
      cancelDeadline: () => undefined,
      cancelRetry: undefined,
      wasSent: false,
      sendings: 0,
      refusals: 0,
      lastRefusal: undefined,
    }
    if (this.waiting.length >= MAX_WAITING) return settle(failed('TOO_MANY_REQUESTS'))
    if (!fitsFrame(pending.body)) return settle({ ok: false, failure: tooLargeFor(command), isFinal: true })
    pending.cancelDeadline = this.ports.clock.after(options.timeoutMs ?? this.ports.timeoutMs, () =>
      this.expire(pending),
    )
    if (pending.scope !== 'login') return this.transmit(pending)
    this.waiting.push(pending)
    this.pump()
  }

  /** Asks as part of the login; rejects with a ClientFailure. */
  call<Name extends CommandName>(
    command: Name,
    body: RequestOf<Name>,
    options: AskOptions<ReplyOf<Name>> = {},
  ): Promise<ReplyOf<Name>> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome<ReplyOf<Name>>): void => {
        if (outcome.ok) resolve(outcome.body)
        else reject(clientFailure(outcome.failure))
      }
      this.ask(command, body, settle, options)
    })
  }

  onAnswer(frame: Extract<Incoming, { type: 'reply' | 'error' }>): void {
    const pending = this.inFlight.get(frame.id)
    if (pending === undefined) return
    this.inFlight.delete(frame.id)
    if (frame.type === 'reply') this.settle(pending, { ok: true, body: frame.body })
    else if (frame.isRetryable && pending.scope !== 'once') this.rest(pending, frame)
    else this.settle(pending, { ok: false, failure: frame.name, isFinal: !frame.isRetryable })
    this.pump()
  }

  /** A session is there: what waits may go out, in the order it was asked. */
  flow(): void {
    this.isFlowing = true
    this.pump()
  }

  /** The connection is gone: what belonged to it fails, the rest waits for the next. */
  lose(): void {
    this.isFlowing = false
    const doubtful = [...this.inFlight.values()].filter(({ isOnce }) => isOnce)
    const unanswered = [...this.inFlight.values(), ...this.resting].filter((pending) => !doubtful.includes(pending))
    this.inFlight.clear()
    this.resting.clear()
    for (const pending of unanswered) {
      pending.cancelRetry?.()
      if (pending.scope === 'login') this.waiting.push(pending)
    }
    this.waiting.sort((a, b) => a.order - b.order)
    for (const pending of doubtful) this.settle(pending, failed('TIMEOUT'))
    for (const pending of unanswered) {
      if (pending.scope !== 'login') this.settle(pending, failed('CLOSED'))
    }
  }

  /** Another epoch has begun: what waits and names the numbers of the old one fails. */
  endEpoch(): void {
    const ended = this.waiting.filter(({ isOfEpoch }) => isOfEpoch)
    this.waiting = this.waiting.filter(({ isOfEpoch }) => !isOfEpoch)
    for (const pending of ended) this.settle(pending, { ok: false, failure: 'EPOCH_CHANGED', isFinal: true })
  }

  /** The login is over: everything fails. */
  close(failure: Failure): void {
    this.lose()
    const unanswered = this.waiting
    this.waiting = []
    for (const pending of unanswered) this.settle(pending, failed(failure))
  }

  private pump(): void {
    while (this.isFlowing && this.inFlight.size < MAX_IN_FLIGHT) {
      const pending = this.waiting.shift()
      if (pending === undefined) return
      this.transmit(pending)
    }
  }

  private transmit(pending: Pending): void {
    // A fresh number each time it goes out: an answer to an earlier sending can never be taken for another's.
    const id = ++this.lastId
    this.inFlight.set(id, pending)
    pending.wasSent = true
    const { command, body } = pending
    if (this.ports.transmit(`{"type":"request","id":${id},"command":"${command}","body":${body}}`)) {
      pending.sendings++
      return
    }
    if (pending.scope === 'login') return // the loss is about to be reported, and lose() takes it back
    this.inFlight.delete(id)
    this.settle(pending, failed('CLOSED'))
  }

  /** Asks again after the time the server named, and somewhat later: others were told the same. */
  private rest(pending: Pending, { name, retryAfterMs }: Extract<Incoming, { type: 'error' }>): void {
    pending.lastRefusal = name
    const ceilingMs = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** pending.refusals++)
    this.resting.add(pending)
    pending.cancelRetry = this.ports.clock.after(retryAfterMs + ceilingMs * (0.5 + this.ports.random() / 2), () => {
      this.resting.delete(pending)
      if (pending.scope !== 'login') return this.transmit(pending)
      this.waiting.unshift(pending)
      this.pump()
    })
  }

  private expire(pending: Pending): void {
    for (const [id, other] of this.inFlight) if (other === pending) this.inFlight.delete(id)
    this.waiting = this.waiting.filter((other) => other !== pending)
    this.resting.delete(pending)
    this.settle(pending, failed(pending.lastRefusal ?? (pending.wasSent ? 'TIMEOUT' : 'NO_NETWORK')))
    this.pump()
  }

  private settle(pending: Pending, outcome: Outcome<never>): void {
    pending.cancelDeadline()
    pending.cancelRetry?.()
    try {
      pending.settle(outcome)
    } catch (error) {
      // An answer that breaks its reader must not leave a promise open.
      if (outcome.ok) pending.settle(failed('INTERNAL'))
      throw error
    }
  }
}

/** As the server would refuse it, could it be told. */
function tooLargeFor(command: CommandName): ErrorName {
  return command.startsWith('message.') ? 'MESSAGE_TOO_LARGE' : 'BAD_REQUEST'
}

function failed(failure: Failure): Outcome<never> {
  return { ok: false, failure, isFinal: false }
}
