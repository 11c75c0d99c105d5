import type { WebSocket } from 'ws'
import { CLOSE, LIMITS } from '@hongyan/protocol'
import { OutboundQueue } from './outbound-queue.ts'

/** One socket: frames in, frames out, and an end. Nothing here knows who is on it. */
export interface Connection {
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
const FLUSHED_BYTES = 128 * 1024

/** A Connection over a ws socket. */
export function connectionOf(socket: WebSocket): Connection {
  return new SocketConnection(socket)
}

class SocketConnection implements Connection {
  readonly #socket: WebSocket
  readonly #queue: OutboundQueue

  constructor(socket: WebSocket) {
    this.#socket = socket
    this.#queue = new OutboundQueue(socket, {
      maxBytes: LIMITS.outboundBytes,
      flushedBytes: FLUSHED_BYTES,
      lossyBytes: LIMITS.outboundVolatileBytes,
      onOverflow: () => this.close(CLOSE.SLOW_CONSUMER, 'the connection does not take what it is sent'),
    })
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

  close(code: number, reason: string): void {
    const socket = this.#socket
    if (socket.readyState === socket.CLOSED) return
    socket.close(code, reason)
    // A peer that reads nothing never answers the close frame.
    const timer = setTimeout(() => socket.terminate(), CLOSE_WAIT_MS)
    socket.once('close', () => clearTimeout(timer))
  }
}
