import type { Socket, SocketEvents, Transport } from '../core/client-api.ts'
import { OneEnding } from './one-ending.ts'

/** What is used of the browser's WebSocket. */
export type BrowserSocket = Pick<
  WebSocket,
  'readyState' | 'onopen' | 'onmessage' | 'onclose' | 'onerror' | 'send' | 'close'
>

const OPEN = 1

/** Sockets of a browser's kind; `make` is the page's own WebSocket when absent. */
export function browserTransport(make: (url: string) => BrowserSocket = makeWebSocket): Transport {
  return { dial: (url, events) => dial(make, url, events) }
}

function makeWebSocket(url: string): BrowserSocket {
  return new WebSocket(url)
}

function dial(make: (url: string) => BrowserSocket, url: string, events: SocketEvents): Socket {
  const ending = new OneEnding(events)
  const socket = attempt(() => make(url))
  if (socket === undefined) {
    ending.closeWithin(0)
    return { send: () => undefined, close: () => undefined }
  }
  socket.onopen = () => ending.open()
  socket.onmessage = ({ data }: { readonly data: unknown }) => {
    if (typeof data === 'string') ending.text(data)
  }
  socket.onclose = ({ code, reason }) => ending.close(code, reason)
  socket.onerror = () => undefined // a close follows
  return {
    send: (text) => {
      if (socket.readyState === OPEN) attempt(() => socket.send(text))
    },
    close: (code, reason) => {
      ending.closeWithin()
      attempt(() => socket.close(code, reason))
    },
  }
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined // the ending tells
  }
}
