import { WebSocket } from 'ws'
import type { Wx } from '../src/platform/miniprogram.ts'
import type { WxSocketTask } from '../src/transport/miniprogram.ts'

export interface WxStub extends Wx {
  /** The app comes to the foreground. */
  show(): void
  changeNetwork(isConnected: boolean): void
  /** As WeChat does some seconds after the app went to the background: every socket ends with 1000 "interrupted". */
  interrupt(): void
  readonly open: ReadonlySet<WebSocket>
  readonly listeners: () => number
  /** The app's files, by path. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>>
}

/**
 * The part of `wx` the SDK uses, over real sockets, with the habits of the original: at most five sockets, texts that
 * sometimes come as bytes, errors without a close, a close before the open that fails, 1000 for what was cut.
 */
export function makeWxStub(): WxStub {
  const open = new Set<WebSocket>()
  const shows = new Set<() => void>()
  const networks = new Set<(status: { isConnected: boolean }) => void>()
  const interrupts = new Set<() => void>()
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  return {
    open,
    files,
    ...fileCalls(files),
    listeners: () => shows.size + networks.size,
    connectSocket: ({ url, fail }) => {
      const later = (): void => {
        setTimeout(() => fail?.(), 0)
      }
      if (open.size >= 5 || !/^wss?:\/\//.test(url)) {
        later()
        return makeTask(undefined, interrupts)
      }
      const socket = new WebSocket(url, { perMessageDeflate: false })
      open.add(socket)
      const forget = (): boolean => open.delete(socket)
      socket.on('close', forget)
      socket.on('error', forget)
      return makeTask(socket, interrupts)
    },
    onAppShow: (listen) => shows.add(listen),
    offAppShow: (listen) => shows.delete(listen),
    onNetworkStatusChange: (listen) => networks.add(listen),
    offNetworkStatusChange: (listen) => networks.delete(listen),
    show: () => {
      for (const listen of shows) listen()
    },
    changeNetwork: (isConnected) => {
      for (const listen of networks) listen({ isConnected })
    },
    interrupt: () => {
      for (const end of interrupts) end()
    },
  }
}

type FileCalls = Pick<Wx, 'uploadFile' | 'request' | 'getFileSystemManager'>

/** Files go by HTTP; whatever the server says is a success, what never arrives a failure. */
function fileCalls(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): FileCalls {
  return {
    uploadFile: ({ url, filePath, name, success, fail }) => {
      const bytes = files.get(filePath)
      const form = new FormData()
      if (bytes) form.append(name, new Blob([bytes]), filePath.slice(filePath.lastIndexOf('/') + 1))
      let progressed: (progress: { readonly progress: number }) => void = () => undefined
      const task = bytes
        ? exchange(url, { method: 'POST', body: form }, success, fail)
        : exchange('', {}, success, () => fail({ errMsg: 'uploadFile:fail file not found' }))
      setTimeout(() => progressed({ progress: 50 }), 0)
      return { ...task, onProgressUpdate: (listen) => (progressed = listen) }
    },
    request: ({ url, method, data, header, dataType, success, fail }) => {
      const asIs = dataType === 'json' ? parsed(success) : success
      return exchange(
        url,
        { method, headers: { ...header }, ...(data === undefined ? {} : { body: data }) },
        asIs,
        fail,
      )
    },
    getFileSystemManager: () => ({
      getFileInfo: ({ filePath, success, fail }) => {
        const bytes = files.get(filePath)
        setTimeout(() => (bytes ? success({ size: bytes.length }) : fail()), 0)
      },
    }),
  }
}

type Told = (answer: { readonly statusCode: number; readonly data?: unknown }) => void

function parsed(success: Told): Told {
  return ({ statusCode, data }) => success({ statusCode, data: JSON.parse(String(data)) as unknown })
}

function exchange(url: string, init: RequestInit, success: Told, fail: (failure: { errMsg: string }) => void) {
  const aborting = new AbortController()
  fetch(url, { ...init, signal: aborting.signal }).then(
    async (response) => success({ statusCode: response.status, data: await response.text() }),
    () => fail({ errMsg: aborting.signal.aborted ? 'request:fail abort' : 'request:fail' }),
  )
  return { abort: () => aborting.abort() }
}

function makeTask(socket: WebSocket | undefined, interrupts: Set<() => void>): WxSocketTask {
  let hasFailed = false
  let isInterrupted = false
  let count = 0
  return {
    onOpen: (listen) => socket?.on('open', listen),
    onMessage: (listen) =>
      socket?.on('message', (data: Buffer) => {
        count++
        const bytes = new Uint8Array(data)
        listen({ data: count % 2 === 0 ? bytes.buffer : data.toString() })
      }),
    onClose: (listen) => {
      // After a failed connect the original tells the error and no close.
      socket?.on('close', (code, reason) => {
        if (!hasFailed && !isInterrupted) listen({ code, reason: reason.toString() })
      })
      interrupts.add(() => {
        if (socket?.readyState !== WebSocket.OPEN) return
        isInterrupted = true
        socket.terminate()
        listen({ code: 1000, reason: 'interrupted' })
      })
    },
    onError: (listen) =>
      socket?.on('error', () => {
        hasFailed = true
        listen({ errMsg: 'connectSocket:fail' })
      }),
    send: ({ data, fail }) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(data)
      else fail?.()
    },
    close: ({ code, reason, fail }) => {
      if (socket === undefined || socket.readyState === WebSocket.CONNECTING) fail?.()
      else socket.close(code, reason)
    },
  }
}
