import { WebSocket, type RawData } from 'ws'
import type { Socket, SocketEvents, Transport } from '../core/client-api.ts'
import { OneEnding } from './one-ending.ts'

/** A page of a hundred messages of 12 KB fits many times; more is not ours. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024

/** Sockets of the package `ws`, uncompressed and bounded. */
export function nodeTransport(): Transport {
  return { dial }
}

function dial(url: string, events: SocketEvents): Socket {
  const ending = new OneEnding(events)
  const socket = make(url)
  if (socket === undefined) {
    ending.closeWithin(0)
    return { send: () => undefined, close: () => undefined }
  }
  socket.on('open', () => ending.open())
  socket.on('message', (data, isBinary) => {
    if (!isBinary) ending.text(textOf(data))
  })
  socket.on('close', (code, reason) => ending.close(code, reason.toString()))
  socket.on('error', () => undefined) // a close follows
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text, () => undefined)
    },
    close: (code, reason) => {
      ending.closeWithin()
      socket.close(code, reason)
      // The handle would otherwise live until the network answers.
      setTimeout(() => socket.terminate(), 1000).unref()
    },
  }
}

function make(url: string): WebSocket | undefined {
  try {
    return new WebSocket(url, { perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES, handshakeTimeout: 15_000 })
  } catch {
    return undefined // no address of a socket
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString()
}
