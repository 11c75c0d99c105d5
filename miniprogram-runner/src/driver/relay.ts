import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isLoopback } from './loopback.ts'

/** WeChat's fixed Referer, which a program cannot set. */
const REFERER = 'https://servicewechat.com/runner/0/page-frame.html'
/** Of the browser's own request to the relay, of no concern to the server behind it. */
const CONTENT_HEADERS = ['content-type', 'content-length'] as const

/**
 * One HTTP request of the program: `x-relay-to`, `-method` and `-headers` say which, the body is its body. The answer is
 * 200 with the real status in `x-relay-status`, or 502 with WeChat's words for what went wrong in `x-relay-error`.
 */
export function relay(request: IncomingMessage, response: ServerResponse, onRefused: (url: string) => void): void {
  const to = headerOf(request, 'x-relay-to')
  if (!isLoopback(to)) {
    onRefused(to)
    request.resume()
    fail(response, 'errcode:-105 cronet_error_code:-105 error_msg:net::ERR_NAME_NOT_RESOLVED')
    return
  }
  const method = headerOf(request, 'x-relay-method') || 'GET'
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const send = to.startsWith('https:') ? httpsRequest : httpRequest
  const onward = send(to, { method, headers: headersFor(request, hasBody) }, (answer) => passBack(answer, response))
  onward.on('error', (err) => fail(response, wordsFor(err)))
  response.on('close', () => {
    if (!response.writableFinished) onward.destroy()
  })
  if (hasBody) request.pipe(onward)
  else {
    request.resume()
    onward.end()
  }
}

function headersFor(request: IncomingMessage, hasBody: boolean): OutgoingHttpHeaders {
  const given = JSON.parse(decodeURIComponent(headerOf(request, 'x-relay-headers') || '%7B%7D')) as OutgoingHttpHeaders
  const content = CONTENT_HEADERS.filter((name) => hasBody || name === 'content-type').flatMap((name) => {
    const value = request.headers[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { 'user-agent': 'MicroMessenger/8.0.61', ...given, ...Object.fromEntries(content), referer: REFERER }
}

function passBack(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'x-relay-status': String(answer.statusCode ?? 0),
    'x-relay-length': answer.headers['content-length'] ?? '0',
    'x-relay-headers': encodeURIComponent(JSON.stringify(answer.headers)),
  })
  answer.pipe(response)
  answer.on('aborted', () => response.destroy())
}

function fail(response: ServerResponse, words: string): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(502, { 'x-relay-error': words }).end()
}

function wordsFor(err: Error): string {
  const code = 'code' in err ? String(err.code) : ''
  if (code === 'ECONNREFUSED') return 'errcode:-102 cronet_error_code:-102 error_msg:net::ERR_CONNECTION_REFUSED'
  if (code === 'ECONNRESET') return 'errcode:-101 cronet_error_code:-101 error_msg:net::ERR_CONNECTION_RESET'
  return `errcode:-100 error_msg:${code || err.message}`
}

function headerOf(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '')
}
