import { WxFailure } from './calls.ts'
import { isAddress, isListed } from './domain-rules.ts'
import { listenerPairs } from './listeners.ts'
import { RELAY_PATH } from './exchange.ts'
import { numberIn, optionsOf, recordIn, textIn, textsIn, type Options } from './options.ts'
import type { Cut } from './network.ts'
import type { WxParts } from './parts.ts'

export const MAX_SOCKETS = 5
const ABNORMAL = 1006
const DEFAULT_TIMEOUT_MS = 60_000

/** connectSocket over the browser's WebSocket, and the older functions that serve the one latest socket. */
export function createSockets(parts: WxParts): Readonly<Record<string, unknown>> {
  const open = new Set<SocketTask>()
  const latest = listenerPairs(['SocketOpen', 'SocketMessage', 'SocketError', 'SocketClose'], parts.calls)
  let last: SocketTask | undefined
  const connectSocket = (given: unknown): object => {
    const options = optionsOf(given)
    const url = textIn(options, 'url') ?? ''
    const task = new SocketTask(parts, () => open.delete(task))
    last = task
    const refusal = refusalOf(parts, url, open.size)
    if (refusal === undefined) open.add(task)
    parts.host.report.sockets([...open].filter(({ isHeld }) => isHeld).length)
    void parts.calls.settle('connectSocket', options, settled(refusal))
    if (refusal === undefined) {
      task.connect(
        relayAddress(url, recordIn(options, 'header')),
        textsIn(options, 'protocols'),
        numberIn(options, 'timeout') ?? DEFAULT_TIMEOUT_MS,
      )
    } else {
      const errMsg = `connectSocket:fail ${refusal.message}`
      setTimeout(() => task.events.Error.tell({ errMsg, errno: refusal.errno }), 0)
    }
    for (const name of ['Open', 'Message', 'Error', 'Close'] as const) {
      task.events[name].on((event: unknown) => {
        if (last === task) latest.of[`Socket${name}`].tell(event)
      })
    }
    return task.face
  }
  return {
    connectSocket,
    ...latest.methods,
    sendSocketMessage: (given?: unknown) => last?.send(given),
    closeSocket: (given?: unknown) => last?.close(given),
  }
}

/** By way of the runner's server, which leaves out the browser's Origin and puts in the headers a browser cannot set. */
function relayAddress(url: string, headers: Options): string {
  const query = new URLSearchParams({ to: url, headers: JSON.stringify(headers) })
  return `${location.origin.replace(/^http/, 'ws')}${RELAY_PATH}?${query.toString()}`
}

async function settled(refusal: WxFailure | undefined): Promise<void> {
  if (refusal !== undefined) throw refusal
}

function refusalOf({ host }: WxParts, url: string, openCount: number): WxFailure | undefined {
  if (!isAddress(url, 'socket')) return new WxFailure(`invalid url "${url}"`, 600_009)
  if (!isListed(host.config.urlCheck, 'socket', url)) return new WxFailure('url not in domain list', 600_002)
  return openCount >= MAX_SOCKETS ? new WxFailure(`exceed max socket count ${MAX_SOCKETS}`) : undefined
}

class SocketTask {
  readonly face: object
  readonly events: ReturnType<typeof socketEvents>['of']
  readonly #parts: WxParts
  readonly #onGone: () => void
  #socket: WebSocket | undefined
  #release: () => void = () => undefined
  #state = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parts: WxParts, onGone: () => void) {
    this.#parts = parts
    this.#onGone = onGone
    const { of, methods } = socketEvents(parts)
    this.events = of
    this.face = Object.defineProperty(
      {
        ...methods,
        CONNECTING: 0,
        OPEN: 1,
        CLOSING: 2,
        CLOSED: 3,
        send: (given?: unknown) => this.send(given),
        close: (given?: unknown) => this.close(given),
      },
      'readyState',
      { get: () => this.#state, enumerable: true },
    )
  }

  /** Until the program closes it, or it is gone. */
  get isHeld(): boolean {
    return this.#state < 2
  }

  connect(url: string, protocols: readonly string[], timeoutMs: number): void {
    const blocked = this.#parts.network.blocked()
    if (blocked !== undefined) {
      setTimeout(() => this.#fail(blocked), 0)
      return
    }
    const socket = new WebSocket(url, [...protocols])
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    this.#release = this.#parts.network.hold((cut) => this.#fail(cut))
    this.#timer = setTimeout(() => this.#finish('timeout', ABNORMAL, 'timeout'), timeoutMs)
    socket.addEventListener('open', () => {
      clearTimeout(this.#timer)
      this.#state = 1
      const header = socket.protocol === '' ? {} : { 'Sec-WebSocket-Protocol': socket.protocol }
      this.events.Open.tell({ header, profile: {} })
    })
    socket.addEventListener('message', ({ data }) => this.events.Message.tell({ data: data as unknown }))
    socket.addEventListener('close', ({ code, reason }) => {
      const failed = this.#state === 0 ? 'errcode:-102 error_msg:net::ERR_CONNECTION_REFUSED' : undefined
      this.#finish(failed, code, code === ABNORMAL ? 'abnormal closure' : reason)
    })
  }

  send(given?: unknown): Promise<object> | undefined {
    return this.#parts.calls.async('sendSocketMessage', (options) => {
      const data = options['data']
      if (this.#state !== 1) throw new WxFailure('SocketTask.readyState is not OPEN')
      if (typeof data !== 'string' && !(data instanceof ArrayBuffer))
        throw new WxFailure('invalid data type, should be String/ArrayBuffer')
      this.#socket?.send(data)
    })(given)
  }

  close(given?: unknown): Promise<object> | undefined {
    return this.#parts.calls.async('closeSocket', (options) => {
      const code = numberIn(options, 'code') ?? 1000
      if (code !== 1000 && (code < 3000 || code > 4999))
        throw new WxFailure(`the code must be either 1000, or between 3000 and 4999, ${code} is neither`)
      if (this.#state >= 2) throw new WxFailure('socket is not connected')
      this.#state = 2
      this.#socket?.close(code, textIn(options, 'reason') ?? '')
      if (this.#socket === undefined) this.#finish(undefined, code, '')
    })(given)
  }

  #fail(cut: Cut): void {
    if (cut === 'interrupted') this.#finish('interrupted', ABNORMAL, 'interrupted')
    else this.#finish('errcode:-106 error_msg:net::ERR_INTERNET_DISCONNECTED', ABNORMAL, 'abnormal closure')
  }

  /** Once: ends the socket, gives its place free, and tells the program, at its waking if it is suspended. */
  #finish(error: string | undefined, code: number, reason: string): void {
    if (this.#state === 3) return
    this.#state = 3
    clearTimeout(this.#timer)
    this.#release()
    this.#onGone()
    this.#socket?.close()
    this.#parts.network.tell(() => {
      if (error !== undefined) this.events.Error.tell({ errMsg: error })
      this.events.Close.tell({ code, reason })
    })
  }
}

function socketEvents(parts: WxParts) {
  return listenerPairs(['Open', 'Message', 'Error', 'Close'], parts.calls)
}
