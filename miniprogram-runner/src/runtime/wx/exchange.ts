import { WxFailure } from './calls.ts'
import type { Cut, Network } from './network.ts'

/** Where the runner's own server passes requests on: the page has an origin, a mini-program has none, so no CORS. */
export const RELAY_PATH = '/__relay'
const DEFAULT_TIMEOUT_MS = 60_000

export interface Exchange {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | ArrayBuffer | FormData | undefined
  readonly timeoutMs: number | undefined
}

export interface Received {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
  readonly body: ArrayBuffer
}

export interface ExchangeEvents {
  readonly onHeaders?: (head: Omit<Received, 'body'>) => void
  readonly onSent?: (sent: number, total: number) => void
  readonly onReceived?: (received: number, total: number) => void
}

/** One HTTP exchange; `answer` rejects with a WxFailure. Any status is an answer. */
export interface Running {
  readonly answer: Promise<Received>
  abort(): void
}

export function startExchange(network: Network, exchange: Exchange, events: ExchangeEvents = {}): Running {
  const xhr = new XMLHttpRequest()
  let reject: (failure: WxFailure) => void = () => undefined
  const answer = new Promise<Received>((resolve, refuse) => {
    reject = refuse
    const blocked = network.blocked()
    if (blocked !== undefined) return reject(cutFailure(blocked))
    const release = network.hold((cut) => {
      xhr.abort()
      network.tell(() => reject(cutFailure(cut)))
    })
    open(xhr, exchange)
    xhr.upload.onprogress = ({ loaded, total }) => events.onSent?.(loaded, total)
    xhr.onprogress = ({ loaded }) => events.onReceived?.(loaded, Number(xhr.getResponseHeader('x-relay-length') ?? 0))
    xhr.onreadystatechange = () => {
      if (xhr.readyState === XMLHttpRequest.HEADERS_RECEIVED && xhr.status === 200) events.onHeaders?.(headOf(xhr))
    }
    xhr.onloadend = release
    xhr.onload = () => (xhr.status === 200 ? resolve(receivedOf(xhr)) : reject(relayFailure(xhr)))
    xhr.onerror = () => reject(new WxFailure('errcode:-100 error_msg:net::ERR_CONNECTION_CLOSED', 600_001))
    xhr.ontimeout = () => reject(new WxFailure('timeout', 5))
    xhr.send(exchange.body ?? null)
  })
  return {
    answer,
    abort() {
      reject(new WxFailure('abort', 600_004))
      xhr.abort()
    },
  }
}

function open(xhr: XMLHttpRequest, exchange: Exchange): void {
  xhr.open('POST', RELAY_PATH)
  xhr.responseType = 'arraybuffer'
  xhr.timeout = exchange.timeoutMs ?? DEFAULT_TIMEOUT_MS
  xhr.setRequestHeader('x-relay-to', exchange.url)
  xhr.setRequestHeader('x-relay-method', exchange.method)
  // FormData carries its own boundary, which only the browser knows; everything else says its type by itself.
  const hasOwnType = exchange.body instanceof FormData
  const type = Object.entries(exchange.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  if (!hasOwnType) xhr.setRequestHeader('content-type', type ?? 'application/octet-stream')
  const others = Object.entries(exchange.headers).filter(([name]) => name.toLowerCase() !== 'content-type')
  xhr.setRequestHeader('x-relay-headers', encodeURIComponent(JSON.stringify(Object.fromEntries(others))))
}

function headOf(xhr: XMLHttpRequest): Omit<Received, 'body'> {
  const text = decodeURIComponent(xhr.getResponseHeader('x-relay-headers') ?? '%7B%7D')
  const pairs = Object.entries(JSON.parse(text) as Record<string, string | readonly string[]>)
  const cookies = pairs.filter(([name]) => name === 'set-cookie').flatMap(([, value]) => value)
  return {
    statusCode: Number(xhr.getResponseHeader('x-relay-status')),
    headers: Object.fromEntries(pairs.map(([name, value]) => [canonical(name), [value].flat().join(',')])),
    cookies,
  }
}

/** WeChat gives header names as Android sends them: `Content-Type`. */
function canonical(name: string): string {
  return name.replaceAll(/(^|-)([a-z])/g, (all) => all.toUpperCase())
}

function receivedOf(xhr: XMLHttpRequest): Received {
  const body: unknown = xhr.response
  return { ...headOf(xhr), body: body instanceof ArrayBuffer ? body : new ArrayBuffer(0) }
}

function relayFailure(xhr: XMLHttpRequest): WxFailure {
  const told = xhr.getResponseHeader('x-relay-error')
  return new WxFailure(told ?? 'errcode:-100 error_msg:net::ERR_CONNECTION_CLOSED', 600_001)
}

function cutFailure(cut: Cut): WxFailure {
  return cut === 'interrupted'
    ? new WxFailure('interrupted', 600_003)
    : new WxFailure('errcode:-106 error_msg:net::ERR_INTERNET_DISCONNECTED', 600_001)
}
