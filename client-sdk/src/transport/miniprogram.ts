import type { Socket, SocketEvents, Transport } from '../core/client-api.ts'
import { OneEnding } from './one-ending.ts'
import { decodeUtf8 } from './utf8.ts'

/** What is used of WeChat's SocketTask. */
export interface WxSocketTask {
  onOpen(listen: () => void): void
  onMessage(listen: (message: { readonly data: string | ArrayBuffer }) => void): void
  onClose(listen: (end: { readonly code?: number; readonly reason?: string }) => void): void
  onError(listen: (error: { readonly errMsg?: string }) => void): void
  send(options: { readonly data: string; readonly fail?: () => void }): void
  close(options: { readonly code?: number; readonly reason?: string; readonly fail?: () => void }): void
}

export interface WxSockets {
  connectSocket(options: { readonly url: string; readonly fail?: () => void }): WxSocketTask | undefined
}

/** After an error a close may come, with its code, or never. */
const CLOSE_AFTER_ERROR_MS = 100

/** Sockets of a WeChat mini-program. */
export function miniprogramTransport(wx: WxSockets): Transport {
  return { dial: (url, events) => dial(wx, url, events) }
}

function dial(wx: WxSockets, url: string, events: SocketEvents): Socket {
  const ending = new OneEnding(events)
  let isOpen = false
  let isClosing = false
  const task = attempt(() => wx.connectSocket({ url, fail: () => ending.closeWithin(0) }))
  if (task === undefined) {
    ending.closeWithin(0)
    return { send: () => undefined, close: () => undefined }
  }
  const end = (code: number, reason: string): void => {
    ending.closeWithin()
    attempt(() => task.close({ code, reason, fail: () => undefined }))
  }
  // In this turn, or events are missed.
  task.onOpen(() => {
    isOpen = true
    // A close before the open may have been without effect.
    if (isClosing) end(1000, '')
    else ending.open()
  })
  task.onMessage(({ data }) => ending.text(typeof data === 'string' ? data : decodeUtf8(new Uint8Array(data))))
  task.onClose(({ code, reason }) => ending.close(code ?? 1006, reason ?? ''))
  task.onError(() => {
    ending.closeWithin(CLOSE_AFTER_ERROR_MS)
    // Some errors leave the socket open, and only five may be.
    attempt(() => task.close({ fail: () => undefined }))
  })
  return {
    send: (text) => {
      if (isOpen && !isClosing) attempt(() => task.send({ data: text, fail: () => undefined }))
    },
    close: (code, reason) => {
      isClosing = true
      end(code, reason)
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
