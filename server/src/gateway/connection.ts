import type { WebSocket } from 'ws'
import { CLOSE, LIMITS } from '@hongyan/protocol'
import { OutboundQueue } from './outbound-queue.ts'
import { rawSocketOf } from './raw-socket.ts'

/** One socket: frames in, frames out, and an end. Nothing here knows who is on it. */
export interface Connection {
  /** The network address of the peer. */
  readonly address: string
  /** Hands a text frame over, as text or as its UTF-8 bytes. */
  send(frame: string | Uint8Array): void
  /** Hands over a frame that may be lost; it is, while the peer is far behind. */
  sendLossy(frame: Uint8Array): void
  /** Resolves when the peer keeps up; rejects when the connection is gone. */
  flushed(): Promise<void>
  /** Stops and goes on reading from the peer. */
  pause(): void
  resume(): void
  /** Ends the connection, at the latest after a moment even if the peer does not answer. */
  close(code: number, reason: string): void
}

const CLOSE_WAIT_MS = 2_000
const BOUNDS = {
  maxBytes: LIMITS.outboundBytes,
  flushedBytes: 128 * 1024,
  lossyBytes: LIMITS.outboundVolatileBytes,
} as const

/** A Connection over a ws socket, from this address; if none is given, from the one at the other end of the socket. */
export function connectionOf(
  socket: WebSocket,
  address: string = rawSocketOf(socket)?.remoteAddress ?? '',
): Connection {
  return new SocketConnection(socket, address)
}

class SocketConnection implements Connection {
  readonly address: string
  readonly #socket: WebSocket
  readonly #queue: OutboundQueue

  constructor(socket: WebSocket, address: string) {
    this.address = address
    this.#socket = socket
    this.#queue = new OutboundQueue(socket, BOUNDS, this)
  }

  send(frame: string | Uint8Array): void {
    this.#queue.send(frame)
  }

  sendLossy(frame: Uint8Array): void {
    this.#queue.sendLossy(frame)
  }

  flushed(): Promise<void> {
    return this.#queue.flushed()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  overflowed(): void {
    this.close(CLOSE.SLOW_CONSUMER, 'the connection does not take what it is sent')
  }

  close(code: number, reason: string): void {
    const socket = this.#socket
    if (socket.readyState === socket.CLOSED) return
    socket.close(code, reason)
    // A peer that reads nothing never answers the close frame.
    const timer = setTimeout(() => socket.terminate(), CLOSE_WAIT_MS)
    socket.once('close', () => clearTimeout(timer))
  }
}
