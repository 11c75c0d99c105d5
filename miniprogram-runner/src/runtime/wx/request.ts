import { isAddress, isListed } from './domain-rules.ts'
import { WxFailure } from './calls.ts'
import { startExchange, type ExchangeEvents, type Received, type Running } from './exchange.ts'
import { fileFailure } from './files.ts'
import { Listeners } from './listeners.ts'
import { isRecord, numberIn, optionsOf, recordIn, textIn, type Options } from './options.ts'
import { encodeQuery, requestBody } from './request-rules.ts'
import { Slots } from './slots.ts'
import type { DomainLists } from '../host.ts'
import type { WxParts } from './parts.ts'

const MAX_CONCURRENT = 10
const MAX_DOWNLOAD_BYTES = 200 * 1024 * 1024

/** request, uploadFile, downloadFile: each gives a task at once and answers by callbacks; statuses are never failures. */
export function createRequests(parts: WxParts): Readonly<Record<string, unknown>> {
  return { request: makeRequest(parts), uploadFile: makeUpload(parts), downloadFile: makeDownload(parts) }
}

type Begin = (events: ExchangeEvents) => Running
type Finish = (received: Received) => object

/** The shape all three share: check, wait for a slot, run, tell. */
function startTask(
  { calls }: WxParts,
  name: string,
  given: { options: Options; slots: Slots; begin: Begin; finish: Finish; refuse: () => WxFailure | undefined },
): Readonly<Record<string, unknown>> {
  const headers = new Listeners('onHeadersReceived', calls)
  const progress = new Listeners('onProgressUpdate', calls)
  const events = progressEvents(name, headers, progress)
  let running: Running | undefined
  let isAborted = false
  const work = async (): Promise<object> => {
    const refusal = given.refuse()
    if (refusal !== undefined) throw refusal
    return given.slots.run(async () => {
      if (isAborted) throw new WxFailure('abort', 600_004)
      running = given.begin(events)
      return given.finish(await running.answer)
    })
  }
  void calls.settle(name, given.options, work())
  return {
    abort: () => {
      isAborted = true
      running?.abort()
    },
    onHeadersReceived: headers.on,
    offHeadersReceived: headers.off,
    onProgressUpdate: progress.on,
    offProgressUpdate: progress.off,
  }
}

function progressEvents(name: string, headers: Listeners, progress: Listeners): ExchangeEvents {
  const percent = (done: number, all: number): number => (all > 0 ? Math.min(100, Math.floor((done / all) * 100)) : 0)
  const sent = (done: number, all: number): void =>
    progress.tell({ progress: percent(done, all), totalBytesSent: done, totalBytesExpectedToSend: all })
  const received = (done: number, all: number): void =>
    progress.tell({ progress: percent(done, all), totalBytesWritten: done, totalBytesExpectedToWrite: all })
  return {
    onHeaders: (head) => headers.tell({ header: head.headers, statusCode: head.statusCode, cookies: head.cookies }),
    ...(name === 'uploadFile' ? { onSent: sent } : {}),
    ...(name === 'downloadFile' ? { onReceived: received } : {}),
  }
}

function refusalOf({ host }: WxParts, kind: keyof DomainLists, url: string): WxFailure | undefined {
  if (!isAddress(url, kind)) return new WxFailure(`invalid url "${url}"`, 600_009)
  if (!isListed(host.config.urlCheck, kind, url)) return new WxFailure('url not in domain list', 600_002)
  return undefined
}

function headersOf(options: Options): Record<string, string> {
  const given = Object.entries(recordIn(options, 'header')).filter(([name]) => name.toLowerCase() !== 'referer')
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}

function makeRequest(parts: WxParts) {
  const slots = new Slots(MAX_CONCURRENT)
  return (given: unknown) => {
    const options = optionsOf(given)
    const method = (textIn(options, 'method') ?? 'GET').toUpperCase()
    const headers = headersOf(options)
    const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
    if (!hasType) headers['content-type'] = 'application/json'
    const isPlain = method === 'GET' || method === 'HEAD'
    const asked = textIn(options, 'url') ?? ''
    const url = isPlain && isRecord(options['data']) ? encodeQuery(asked, options['data']) : asked
    return startTask(parts, 'request', {
      options,
      slots,
      refuse: () => refusalOf(parts, 'request', url),
      begin: (events) => {
        const body = isPlain ? undefined : requestBody(options['data'], headers)
        return startExchange(parts.network, { url, method, headers, body, timeoutMs: timeoutOf(options) }, events)
      },
      finish: ({ statusCode, headers: header, cookies, body }) => ({
        data: decodeBody(options, body),
        statusCode,
        header,
        cookies,
      }),
    })
  }
}

function decodeBody(options: Options, body: ArrayBuffer): unknown {
  if (textIn(options, 'responseType') === 'arraybuffer') return body
  const text = new TextDecoder().decode(body)
  if ((textIn(options, 'dataType') ?? 'json') !== 'json') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function makeUpload(parts: WxParts) {
  const slots = new Slots(MAX_CONCURRENT)
  return (given: unknown) => {
    const options = optionsOf(given)
    const url = textIn(options, 'url') ?? ''
    const path = textIn(options, 'filePath') ?? ''
    return startTask(parts, 'uploadFile', {
      options,
      slots,
      refuse: () =>
        refusalOf(parts, 'upload', url) ?? (parts.files.has(path) ? undefined : fileFailure('file not found', path)),
      begin: (events) => {
        const form = new FormData()
        for (const [key, value] of Object.entries(recordIn(options, 'formData'))) form.append(key, String(value))
        const name = textIn(options, 'name') ?? 'file'
        form.append(name, parts.files.blob(path), textIn(options, 'fileName') ?? path.split('/').at(-1) ?? 'file')
        const headers = headersOf(options)
        return startExchange(
          parts.network,
          { url, method: 'POST', headers, body: form, timeoutMs: timeoutOf(options) },
          events,
        )
      },
      finish: ({ statusCode, headers: header, body }) => ({
        data: new TextDecoder().decode(body),
        statusCode,
        header,
      }),
    })
  }
}

function makeDownload(parts: WxParts) {
  const slots = new Slots(MAX_CONCURRENT)
  return (given: unknown) => {
    const options = optionsOf(given)
    const url = textIn(options, 'url') ?? ''
    const wanted = textIn(options, 'filePath')
    return startTask(parts, 'downloadFile', {
      options,
      slots,
      refuse: () => refusalOf(parts, 'download', url),
      begin: (events) =>
        startExchange(
          parts.network,
          { url, method: 'GET', headers: headersOf(options), body: undefined, timeoutMs: timeoutOf(options) },
          events,
        ),
      finish: ({ statusCode, headers: header, body }) => {
        if (body.byteLength > MAX_DOWNLOAD_BYTES) throw new WxFailure('exceed max file size')
        const bytes = new Uint8Array(body)
        const type = header['Content-Type']
        if (wanted !== undefined) parts.files.write(wanted, bytes, type)
        const where =
          wanted === undefined ? { tempFilePath: parts.files.addTemp(bytes, { type, url }) } : { filePath: wanted }
        return { statusCode, header, ...where, dataLength: bytes.byteLength }
      },
    })
  }
}

function timeoutOf(options: Options): number | undefined {
  return numberIn(options, 'timeout')
}
