import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { Outage } from '../kit/outage.ts'
import { rawSocketOf } from './raw-socket.ts'

export interface OutboundBounds {
  readonly maxBytes: number
  /** Below this many queued bytes the connection counts as keeping up. */
  readonly flushedBytes: number
  /** Beyond this many queued bytes what may be lost is. */
  readonly lossyBytes: number
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * What is on its way to one connection: bounded in bytes, and corked, so that all frames of one turn of the event loop
 * leave in one write (performance.md, item 5).
 */
export class OutboundQueue {
  readonly #socket: WebSocket
  readonly #raw: Socket | undefined
  readonly #bounds: OutboundBounds
  readonly #owner: { overflowed(): void }
  #isCorked = false
  #isOver = false
  #isListening = false
  /** Absent while nobody waits, as for most connections. */
  #waiting: Waiter[] | undefined

  /** The owner is told once, when the bound is passed. */
  constructor(socket: WebSocket, bounds: OutboundBounds, owner: { overflowed(): void }) {
    this.#socket = socket
    this.#raw = rawSocketOf(socket)
    this.#bounds = bounds
    this.#owner = owner
  }

  /** Frames that were handed over and not yet taken by the operating system, in bytes. */
  get queuedBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** Sends a text frame, as text or as its UTF-8 bytes. Dropped when the connection is gone. */
  send(frame: string | Uint8Array): void {
    if (this.#isOver || this.#socket.readyState !== this.#socket.OPEN) return
    this.#cork()
    this.#socket.send(frame, TEXT_FRAME)
    if (this.#socket.bufferedAmount <= this.#bounds.maxBytes) return
    this.#isOver = true
    this.#owner.overflowed()
  }

  /** Sends a frame that may be lost, unless too much is queued already. */
  sendLossy(frame: Uint8Array): void {
    if (this.#socket.bufferedAmount <= this.#bounds.lossyBytes) this.send(frame)
  }

  /** Resolves when the connection keeps up; rejects when it is closed. */
  flushed(): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return Promise.reject(new Outage('the connection is closed'))
    if (this.#socket.bufferedAmount <= this.#bounds.flushedBytes) return Promise.resolve()
    this.#listen()
    return new Promise((resolve, reject) => {
      ;(this.#waiting ??= []).push({ resolve, reject })
    })
  }

  /** Only once somebody waits: most connections are idle, and each listener is memory. */
  #listen(): void {
    if (this.#isListening) return
    this.#isListening = true
    this.#raw?.on('drain', () => this.#settleFlushed())
    this.#socket.once('close', () => this.#rejectFlushed())
  }

  #cork(): void {
    if (this.#isCorked || !this.#raw) return
    const raw = this.#raw
    this.#isCorked = true
    raw.cork()
    setImmediate(() => {
      this.#isCorked = false
      raw.uncork()
      this.#settleFlushed()
    })
  }

  #settleFlushed(): void {
    // Of a socket that is going nothing is queued, and yet nothing was taken: its close will tell.
    if (this.#waiting === undefined || this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > this.#bounds.flushedBytes) return
    for (const { resolve } of this.#takeWaiting()) resolve()
  }

  #rejectFlushed(): void {
    for (const { reject } of this.#takeWaiting()) reject(new Outage('the connection is closed'))
  }

  #takeWaiting(): readonly Waiter[] {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    return waiting
  }
}

const TEXT_FRAME = { binary: false, compress: false } as const
