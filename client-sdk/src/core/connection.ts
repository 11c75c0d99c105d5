import { CLOSE, isFinalClose } from '@hongyan/protocol/constants'
import { Backoff } from './backoff.ts'
import type { EndReason, NetState, Platform, Socket } from './client-api.ts'
import { step, type Effect, type Input, type State } from './connection-state.ts'
import type { Failure } from './failure.ts'
import { parseServerFrame, type Incoming } from './frames.ts'
import { Watchdog } from './watchdog.ts'

const DIAL_DEADLINE_MS = 10_000
/** Below the server's own limit, so that a slow line is our loss and not its final OPEN_TIMEOUT. */
const OPEN_DEADLINE_MS = 8_000
const WAKE_PROBE_MS = 2_000
/** A connection that lasts shorter than this does not count as a success, and wakes do not dial more often. */
const SETTLED_MS = 1_000

export interface ConnectionPorts {
  readonly url: string
  readonly platform: Platform
  /** An upper bound for each step of a connect, ms. */
  readonly timeoutMs: number
  /** The socket is open: send session.open. */
  readonly onDialled: () => void
  /** The session is open: bring the store up to date. */
  readonly onOpened: () => void
  /** Up to date: let requests flow. */
  readonly onReady: () => void
  readonly onFrame: (frame: Exclude<Incoming, { type: 'ping' | 'pong' }>) => void
  /** The socket is gone or given up; what belonged to it fails. */
  readonly onDropped: () => void
  readonly onNet: (state: NetState) => void
  /** The first attempt of a login failed. */
  readonly onFailed: (failure: Failure) => void
  readonly onEnded: (reason: EndReason) => void
  readonly onError: (error: unknown) => void
}

/** Carries out what the state table says: dials, waits, watches, closes. Heals itself until the login ends. */
export class Connection {
  private readonly ports: ConnectionPorts
  private readonly backoff: Backoff
  private readonly watchdog: Watchdog
  private state: State = 'idle'
  private socket: Socket | undefined = undefined
  /** Counts sockets; events of an older one are not ours any more. */
  private generation = 0
  private cancelDeadline: (() => void) | undefined = undefined
  private cancelWait: (() => void) | undefined = undefined
  private hasOpened = false
  private dialledAtMs = 0
  private readyAtMs: number | undefined = undefined
  private pingEveryMs = 0
  private turns = 0

  constructor(ports: ConnectionPorts) {
    const { clock } = ports.platform
    this.ports = ports
    this.backoff = new Backoff(() => ports.platform.random())
    this.watchdog = new Watchdog({
      clock,
      ping: () => this.send('{"type":"ping"}'),
      onSilent: () => this.lose('TIMEOUT'),
    })
  }

  get isOpen(): boolean {
    return this.state === 'syncing' || this.state === 'ready'
  }

  get isReady(): boolean {
    return this.state === 'ready'
  }

  /** Starts a login; its first attempt either opens or fails. */
  open(): void {
    this.hasOpened = false
    this.take('open')
  }

  /** The server accepted the session. */
  opened(pingEveryMs: number): void {
    this.hasOpened = true
    this.pingEveryMs = pingEveryMs
    this.take('opened')
  }

  caughtUp(): void {
    this.take('caughtUp')
  }

  /** The device woke up, or its network came back. */
  wake(): void {
    const sinceDialMs = this.nowMs() - this.dialledAtMs
    if (this.state !== 'waiting' || sinceDialMs >= SETTLED_MS) return this.take('wake')
    // A flapping network wakes often; one attempt a second is enough.
    this.backoff.reset()
    this.wait(SETTLED_MS - sinceDialMs)
  }

  /** Gives this socket up and comes back, or fails the login if it was its first. */
  lose(failure: Failure): void {
    if (this.socket === undefined) return
    if (this.hasOpened) return this.take('lost')
    this.take('failed')
    this.ports.onFailed(failure)
  }

  /** The server's word is final. */
  end(reason: EndReason): void {
    this.take('ended')
    this.ports.onEnded(reason)
  }

  close(): void {
    this.take('close')
  }

  /** False when there is no socket to send on. */
  send(text: string): boolean {
    this.socket?.send(text)
    return this.socket !== undefined
  }

  private take(input: Input): void {
    const next = step(this.state, input)
    const turn = ++this.turns
    this.state = next.state
    for (const effect of next.effects) {
      this.run(effect)
      // Whoever was told of it may have logged out or in meanwhile: then the rest is not due any more.
      if (turn !== this.turns) return
    }
  }

  private run(effect: Effect): void {
    switch (effect) {
      case 'dial':
        return this.dial()
      case 'authenticate':
        this.limit(OPEN_DEADLINE_MS)
        return this.ports.onDialled()
      case 'catchUp':
        this.stopLimit()
        this.watchdog.start(this.pingEveryMs)
        return this.ports.onOpened()
      case 'flow':
        this.readyAtMs = this.nowMs()
        return this.ports.onReady()
      case 'drop':
        return this.drop()
      case 'wait':
        this.wait(this.backoff.nextMs())
        return this.ports.onNet('disconnected')
      case 'stopWaiting':
        this.cancelWait?.()
        return
      case 'resetBackoff':
        return this.backoff.reset()
      case 'probe':
        return this.watchdog.probe(WAKE_PROBE_MS)
    }
  }

  private dial(): void {
    const generation = ++this.generation
    const isCurrent = (): boolean => generation === this.generation
    this.dialledAtMs = this.nowMs()
    this.limit(DIAL_DEADLINE_MS)
    this.socket = this.ports.platform.transport.dial(this.ports.url, {
      onOpen: () => {
        if (isCurrent()) this.take('dialled')
      },
      onText: (text) => {
        if (isCurrent()) this.hear(text)
      },
      onClose: (code) => {
        if (isCurrent()) this.onClose(code)
      },
    })
    if (this.hasOpened) this.ports.onNet('connecting')
  }

  private hear(text: string): void {
    this.watchdog.heard()
    const frame = parseServerFrame(text)
    if (frame === undefined || frame.type === 'pong') return
    if (frame.type === 'ping') {
      this.send('{"type":"pong"}')
      return
    }
    try {
      this.ports.onFrame(frame)
    } catch (error) {
      // A frame that breaks us leaves us in doubt about everything behind it: start again from the cursors.
      this.ports.onError(error)
      this.lose('INTERNAL')
    }
  }

  private onClose(code: number): void {
    // Of a server that goes down in order nothing has failed, and it lets go of a few at a time.
    if (code === CLOSE.DRAINING) this.backoff.reset()
    if (!isFinalClose(code)) this.lose('NO_NETWORK')
    else if (this.hasOpened) this.end(endReasonOf(code))
    else this.lose(refusalOf(code))
  }

  private drop(): void {
    const socket = this.socket
    this.generation++
    this.socket = undefined
    this.stopLimit()
    this.watchdog.stop()
    // Only a connection that held counts as a success: else accepting and cutting would be a loop without waits.
    if (this.readyAtMs !== undefined && this.nowMs() - this.readyAtMs >= SETTLED_MS) this.backoff.reset()
    this.readyAtMs = undefined
    socket?.close(1000, '')
    this.ports.onDropped()
  }

  private wait(delayMs: number): void {
    this.cancelWait?.()
    this.cancelWait = this.ports.platform.clock.after(delayMs, () => this.take('timer'))
  }

  private limit(deadlineMs: number): void {
    this.stopLimit()
    this.cancelDeadline = this.ports.platform.clock.after(Math.min(deadlineMs, this.ports.timeoutMs), () =>
      this.lose('TIMEOUT'),
    )
  }

  private stopLimit(): void {
    this.cancelDeadline?.()
    this.cancelDeadline = undefined
  }

  private nowMs(): number {
    return this.ports.platform.clock.monotonicMs()
  }
}

/** How a login ended, from the final close code of its connection. */
function endReasonOf(code: number): EndReason {
  if (code === CLOSE.DISPLACED_BY_ACCOUNT) return 'displaced-by-account'
  if (code === CLOSE.DISPLACED_BY_DEVICE) return 'displaced-by-device'
  // What a new login with a new signature may mend, or will at least name.
  if (code <= CLOSE.SIGNATURE_EXPIRED) return 'signature-expired'
  return 'signed-out-by-admin'
}

/** Why a first login failed when only the close code tells; the error frame before it usually has told already. */
function refusalOf(code: number): Failure {
  if (code === CLOSE.SIGNATURE_INVALID) return 'SIGNATURE_INVALID'
  if (code === CLOSE.SIGNATURE_EXPIRED) return 'SIGNATURE_EXPIRED'
  if (code === CLOSE.VERSION_NOT_SUPPORTED) return 'VERSION_NOT_SUPPORTED'
  if (code === CLOSE.ACCOUNT_DISABLED || code === CLOSE.SIGNED_OUT_BY_ADMIN) return 'ACCOUNT_DISABLED'
  if (code === CLOSE.DISPLACED_BY_ACCOUNT || code === CLOSE.DISPLACED_BY_DEVICE) return 'DISPLACED'
  return 'NO_NETWORK'
}
