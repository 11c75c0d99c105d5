import {
  CLOSE,
  closeName,
  LIMITS,
  Refused,
  userTimeline,
  type CloseName,
  type Entry,
  type MediaToken,
  type RequestFrame,
  type RequestOf,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import type { Caller } from '../commands/handler.ts'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import type { Presence, PresentSession } from '../presence/presence.ts'
import type { LogReader } from '../timelines/log-reader.ts'
import { hasBadText, mayHaveBadText, parseClientFrame } from './client-frame.ts'
import type { Connection } from './connection.ts'
import { checkBody, isPipelined, type Dispatcher, type Requester } from './dispatcher.ts'
import { closeNameOf, type Admitted, type Door } from './door.ts'
import { SessionFollowing } from './following.ts'
import type { CatchingUpSession } from './follow.ts'
import type { Hub } from './hub.ts'
import { PendingRequests } from './pending-requests.ts'
import type { Claim, Rates } from '../rates/rates.ts'
import { SmallSet } from '../kit/small-set.ts'
import { claimsOf } from './request-claims.ts'
import { DISPLACED, type SessionRegistry } from './session-registry.ts'

export interface SessionDeps {
  readonly door: Door
  readonly dispatcher: Dispatcher
  readonly hub: Hub
  readonly log: LogReader
  readonly presence: Presence
  /** The right to open files, for as long as it is good. */
  readonly mediaToken: (bearer: { readonly accountKey: number; readonly loginKey: number }) => MediaToken
  readonly registry: SessionRegistry
  readonly rates: Rates
  readonly clock: Clock
  readonly logger: Logger
  /** Counts how connections end. */
  readonly onClosed: (name: CloseName | 'OTHER') => void
  /** Counts the sessions that were opened. */
  readonly onEntered?: (kind: 'fresh' | 'resumed') => void
}

/** What a request may do beside being answered. */
interface Turn {
  readonly after: (() => Promise<void>)[]
  readonly stepAside: () => void
}

const PING_FRAME = '{"type":"ping"}'
const PONG_FRAME = '{"type":"pong"}'
/** So long whoever goes on and on after refusals is not read from: to say no costs time, too, that others wait for. */
const FLOODING_MS = 1_000

/** One connection from its first frame to its end: open → serve → close. */
export class Session implements CatchingUpSession {
  readonly id: string
  readonly #connection: Connection
  readonly #deps: SessionDeps
  readonly #following: SessionFollowing
  readonly #entrance: { opened(): void }
  readonly #openedAtMs: number
  #heardAtMs: number
  #state: 'opening' | 'open' | 'closed' = 'opening'
  #admitted: Admitted | undefined
  #present: PresentSession | undefined
  #openId: number | undefined
  #epoch: string | undefined
  /** Absent while nothing is asked for. */
  #requests: PendingRequests | undefined
  /** Absent while nobody wants to hear of the end. */
  #endings: SmallSet<() => void> | undefined

  constructor(id: string, connection: Connection, deps: SessionDeps, entrance: { opened(): void }) {
    this.id = id
    this.#connection = connection
    this.#deps = deps
    this.#entrance = entrance
    this.#openedAtMs = wholeMs(deps.clock)
    this.#heardAtMs = this.#openedAtMs
    this.#following = new SessionFollowing(this, deps)
    deps.registry.add(this)
  }

  /** The login this session acts under, once it is open. */
  get loginKey(): number | undefined {
    return this.#admitted?.loginKey
  }

  get userId(): UserId | undefined {
    return this.#admitted?.account.id
  }

  /** The state of the store the client was told of, once it was. */
  get epoch(): string | undefined {
    return this.#epoch
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  receive(text: string): void {
    if (this.#state === 'closed') return
    this.#heardAtMs = wholeMs(this.#deps.clock)
    const frame = parseClientFrame(text)
    if (frame.type === 'bad') this.close(CLOSE.BAD_FRAME, frame.reason)
    else if (frame.type === 'ping') this.#connection.send(PONG_FRAME)
    else if (frame.type === 'request') this.#receiveRequest(frame, text)
  }

  push(frame: Uint8Array): void {
    this.#connection.send(frame)
  }

  pushVolatile(frame: Uint8Array): void {
    this.#connection.sendLossy(frame)
  }

  flushed(): Promise<void> {
    return this.#connection.flushed()
  }

  onOwnEntry(entry: Entry): void {
    if (entry.kind === 'profile') this.#noteProfile(entry.profile)
    this.#following.onOwnEntry(entry)
  }

  onRemoved(timeline: TimelineId): void {
    this.#following.onRemoved(timeline)
  }

  failToFollow(err: unknown): void {
    if (this.#state === 'closed') return
    this.#deps.logger.warn({ err, ...this.#requester() }, 'a session could not be brought up to date')
    this.close(CLOSE.CANNOT_FOLLOW, 'a followed timeline could not be completed')
  }

  /** First lets go of everything, then ends the socket; a slow store must not keep a dead session followed. */
  close(code: number, reason: string): void {
    if (this.#state === 'closed') return
    this.#leave(code)
    this.#connection.close(code, reason)
  }

  /** The socket has ended by itself. */
  onSocketClosed(code: number): void {
    if (this.#state !== 'closed') this.#leave(code)
  }

  /** Pings a silent peer, ends a dead one, one that never opened ([OPEN-2]), and one whose signature has run out. */
  checkHealth(): void {
    if (this.#state === 'closed') return
    const now = this.#deps.clock.monotonicMs()
    const silentMs = now - this.#heardAtMs
    if (this.#state === 'opening' && now - this.#openedAtMs >= LIMITS.openTimeoutMs) {
      this.close(CLOSE.OPEN_TIMEOUT, 'no session was opened in time')
    } else if (this.#admitted && this.#deps.clock.now() >= this.#admitted.expiresAtMs) {
      this.close(CLOSE.SIGNATURE_EXPIRED, 'the userSig has expired')
    } else if (silentMs >= LIMITS.silenceMs) this.close(CLOSE.NO_PONG, 'nothing was heard for too long')
    else if (silentMs >= LIMITS.pingEveryMs) this.#connection.send(PING_FRAME)
  }

  #receiveRequest(frame: RequestFrame, text: string): void {
    if (this.#state === 'opening') return this.#receiveOpening(frame)
    if (this.#requests?.has(frame.id) === true) return this.#refuse(frame, new Refused('DUPLICATE_REQUEST_ID')) // [REQ-1]
    if (mayHaveBadText(text) && hasBadText(frame.body)) return this.#refuse(frame, new Refused('BAD_TEXT'))
    const refusal = this.#admitted && this.#takeRates(claimsOf(frame.command, this.#admitted))
    if (refusal) return this.#refuseTooMany(frame, refusal) // [REQ-4]
    const item = {
      isPipelined: isPipelined(frame.command),
      serve: (stepAside: () => void) => this.#serve(frame, stepAside),
    }
    this.#begunRequests().add(frame.id, item)
  }

  #begunRequests(): PendingRequests {
    const onIdle = (): void => {
      this.#requests = undefined
    }
    return (this.#requests ??= new PendingRequests(this.#connection, onIdle))
  }

  #takeRates(claims: readonly Claim[]): Refused | undefined {
    try {
      this.#deps.rates.take(...claims)
      return undefined
    } catch (err) {
      if (err instanceof Refused) return err
      throw err
    }
  }

  /** [OPEN-1] */
  #receiveOpening(frame: RequestFrame): void {
    if (frame.command !== 'session.open' || this.#openId !== undefined) {
      return this.close(CLOSE.BAD_FRAME, 'the first request must be session.open, and must be answered first')
    }
    this.#openId = frame.id
    void this.#open(frame)
  }

  async #open(frame: RequestFrame): Promise<void> {
    try {
      checkBody(frame)
      if (hasBadText(frame.body)) throw new Refused('BAD_TEXT')
      const request = frame.body as RequestOf<'session.open'>
      const { userId, expiresAtMs } = this.#deps.door.check(request, this.#connection.address)
      const [account, epoch] = await Promise.all([
        this.#deps.door.account(userId),
        this.#deps.log.epoch(),
        // Before a place is taken, so that whoever takes it from us is heard.
        this.#following.hold([userTimeline(userId)]),
      ])
      const loginKey = await this.#deps.door.admit(account, request, this.id)
      this.#epoch = epoch
      const displacedBy = this.#enter({ account, loginKey, expiresAtMs }, request)
      this.#connection.send(this.#opened(frame.id, { account, loginKey, expiresAtMs }, epoch))
      // After the answer: it was let in, and then displaced.
      if (displacedBy !== undefined) this.close(displacedBy, DISPLACED)
    } catch (err) {
      this.#refuseOpening(frame, err)
    }
  }

  /** The close code, if a newer login has taken the place already. */
  #enter(admitted: Admitted, request: RequestOf<'session.open'>): number | undefined {
    if (this.#state !== 'opening') return undefined
    this.#state = 'open'
    this.#admitted = admitted
    this.#present = { userId: admitted.account.id, loginKey: admitted.loginKey, device: request.device }
    const displacedBy = this.#deps.registry.enter(this)
    this.#entrance.opened()
    this.#deps.presence.arrive(this.#present)
    this.#deps.onEntered?.(request.resume === undefined ? 'fresh' : 'resumed')
    const { loginKey } = admitted
    this.#deps.logger.debug({ ...this.#requester(), login: loginKey, device: request.device }, 'a session was opened')
    return displacedBy
  }

  /** Who it is, for the log. */
  #requester(): Requester {
    return { session: this.id, user: this.userId }
  }

  #opened(id: number, { account, loginKey }: Admitted, epoch: string): string {
    const body = {
      loginKey,
      tinyId: String(account.key),
      serverTimeMs: this.#deps.clock.now(),
      epoch,
      pingEveryMs: LIMITS.pingEveryMs,
      nick: account.nick,
      avatar: account.avatar,
      media: this.#deps.mediaToken({ accountKey: account.key, loginKey }),
    }
    return JSON.stringify({ type: 'reply', id, body })
  }

  #refuseOpening(frame: RequestFrame, err: unknown): void {
    this.#connection.send(this.#deps.dispatcher.refusal(frame, err, this.#requester()))
    const name = err instanceof Refused ? closeNameOf(err.code) : 'BUSY'
    this.close(CLOSE[name], 'the session was not opened')
  }

  async #serve(frame: RequestFrame, stepAside: () => void): Promise<void> {
    const after: (() => Promise<void>)[] = []
    const answer = await this.#deps.dispatcher.answer(
      frame,
      () => this.#handle(frame, { after, stepAside }),
      this.#requester(),
    )
    this.#requests?.answered(frame.id)
    this.#connection.send(answer)
    for (const run of after) await run().catch((err: unknown) => this.failToFollow(err))
    if (frame.command === 'session.close') this.close(CLOSE.SIGNED_OUT, 'signed out')
  }

  #handle(frame: RequestFrame, turn: Turn): unknown {
    if (frame.command === 'session.open') throw new Refused('ALREADY_OPEN')
    if (!this.#admitted || this.#state !== 'open') throw new Refused('DISPLACED')
    if (frame.command === 'session.close') return this.#deps.door.release(this.#admitted.loginKey).then(() => ({}))
    return this.#deps.dispatcher.serve(this.#caller(this.#admitted, turn), frame)
  }

  #caller({ account, loginKey }: Admitted, { after, stepAside }: Turn): Caller {
    return {
      userId: account.id,
      accountKey: account.key,
      loginKey,
      epoch: this.#epoch,
      nick: account.nick,
      avatar: account.avatar,
      following: this.#following,
      noteEpoch: (epoch) => {
        // Of equal texts the one that is shared with others is kept, not the request's.
        if (epoch !== this.#epoch) this.#epoch = epoch
      },
      stepAside,
      afterReply: (run) => after.push(run),
      noteProfile: (profile) => this.#noteProfile(profile),
      onEnd: (run) => this.#onEnd(run),
    }
  }

  /** What is said from now on carries the new name. */
  #noteProfile({ nick, avatar }: { readonly nick: string; readonly avatar: string }): void {
    if (this.#admitted) this.#admitted = { ...this.#admitted, account: { ...this.#admitted.account, nick, avatar } }
  }

  #onEnd(run: () => void): () => void {
    if (this.#state === 'closed') run()
    else this.#addEnding(run)
    return () => this.#endings?.delete(run)
  }

  #addEnding(run: () => void): void {
    this.#endings ??= new SmallSet()
    this.#endings.add(run)
  }

  #refuse(frame: RequestFrame, err: Refused): void {
    this.#connection.send(this.#deps.dispatcher.refusal(frame, err, this.#requester()))
  }

  #refuseTooMany(frame: RequestFrame, refusal: Refused): void {
    this.#refuse(frame, refusal)
    if (this.#requests?.isFlooded === true) return
    if (!this.#takeRates([{ limit: 'refusals of a device', key: String(this.loginKey) }])) return
    const requests = this.#begunRequests()
    requests.shutForFlood()
    const cancel = this.#deps.clock.after(FLOODING_MS, () => {
      this.#endings?.delete(cancel)
      requests.openAfterFlood()
    })
    this.#addEnding(cancel)
  }

  #leave(code: number): void {
    this.#state = 'closed'
    this.#requests?.clear()
    this.#following.close()
    for (const run of this.#endings ?? []) run()
    this.#endings = undefined
    this.#deps.registry.remove(this)
    if (this.#present) this.#deps.presence.leave(this.#present)
    const name = closeName(code) ?? 'OTHER'
    this.#deps.onClosed(name)
    this.#deps.logger.debug({ ...this.#requester(), code, name }, 'a connection ended')
  }
}

/** Since the node started, in whole milliseconds: V8 keeps those in place, and others in an object each. */
function wholeMs(clock: Clock): number {
  return Math.trunc(clock.monotonicMs())
}
