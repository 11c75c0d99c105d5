import { createReadStream, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { extname, join, normalize } from 'node:path'
import { RELAY_PATH } from '../runtime/wx/exchange.ts'
import { relaySocket } from './relay-socket.ts'
import { relay } from './relay.ts'

/** A compiled mini-program on a loopback port. */
export interface ServedApp {
  /** `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string
  /** Addresses outside of this machine that wx.request asked for; they were refused. */
  readonly refused: readonly string[]
  close(): Promise<void>
}

/** Scripts of this origin only: `eval` and `new Function` of the program throw, as in WeChat. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  'img-src * data: blob:',
  'media-src * data: blob:',
  "font-src 'self' data:",
  "connect-src 'self' blob: data:",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
}

/** Serves what compileApp wrote to `outDir`, and passes the program's requests and sockets on to loopback servers. */
export async function serveApp(outDir: string): Promise<ServedApp> {
  const refused: string[] = []
  const server = createServer((request, response) => {
    if (request.url === RELAY_PATH) relay(request, response, (url) => refused.push(url))
    else sendFile(outDir, request, response)
  })
  const sockets = new Set<Duplex>()
  server.on('upgrade', (request, socket, head) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    if (request.url?.startsWith(RELAY_PATH) === true) relaySocket(request, socket, head, (url) => refused.push(url))
    else socket.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    refused,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function sendFile(outDir: string, request: IncomingMessage, response: ServerResponse): void {
  const path = normalize(decodeURIComponent((request.url ?? '/').split(/[?#]/)[0] ?? '/'))
  const file = join(outDir, path === '/' ? 'index.html' : path)
  const found = file.startsWith(join(outDir, '/')) ? statSync(file, { throwIfNoEntry: false }) : undefined
  if (found?.isFile() !== true) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': found.size,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cache-control': 'no-store',
  })
  createReadStream(file).pipe(response)
}
