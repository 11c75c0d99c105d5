import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}
const DAY_S = 86_400
/** Tencent's own, which brings no types. */
const { Api } = createRequire(import.meta.url)('tls-sig-api-v2') as {
  Api: new (sdkAppId: number, secretKey: string) => { genSig(userID: string, lifetimeS: number): string }
}

/** A school's own web site: pages, a session (the cookie `user`), and the route that signs for the user of the session. */
export interface IntegratorSite {
  readonly origin: string
  /** Another origin with the same pages. */
  readonly otherOrigin: string
  /** For how many seconds the next signatures of this user are good, in this order; then a day. */
  signFor(userID: string, ...lifetimesS: number[]): void
  /** How often this user has asked for a signature. */
  signedFor(userID: string): number
  close(): Promise<void>
}

export interface SiteOptions {
  /** Folders with built pages, by the first part of the path. */
  readonly folders: Readonly<Record<string, string>>
  readonly sdkAppId: number
  readonly secretKey: string
  /** What the content policy lets pages reach beside the site. */
  readonly servers: () => readonly string[]
}

export async function openIntegratorSite({ folders, ...options }: SiteOptions): Promise<IntegratorSite> {
  const signer = new Api(options.sdkAppId, options.secretKey)
  const lifetimes = new Map<string, number[]>()
  const asked = new Map<string, number>()
  const sign = (userID: string): string => {
    asked.set(userID, (asked.get(userID) ?? 0) + 1)
    return signer.genSig(userID, lifetimes.get(userID)?.shift() ?? DAY_S)
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    if (pathname === '/api/usersig') return answerSignature(request, response, sign)
    const [, folder = '', ...rest] = pathname.split('/')
    const path = join(folders[folder] ?? '', ...rest)
    if (folders[folder] === undefined || !existsSync(path)) return void response.writeHead(404).end()
    const file = statSync(path).isDirectory() ? join(path, 'index.html') : path
    const type = TYPES[extname(file)] ?? 'application/octet-stream'
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy(options.servers()) })
    return void createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://localhost:${port}`,
    otherOrigin: `http://127.0.0.1:${port}`,
    signFor: (userID, ...lifetimesS) => void lifetimes.set(userID, lifetimesS),
    signedFor: (userID) => asked.get(userID) ?? 0,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answerSignature(request: IncomingMessage, response: ServerResponse, sign: (userID: string) => string): void {
  const userID = /(?:^|; )user=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
  if (userID === undefined) return void response.writeHead(401).end()
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ userID, userSig: sign(userID) }))
}

/** As the document says it: nothing but the server, by both schemes. */
function policy(servers: readonly string[]): string {
  const reachable = servers.flatMap((url) => [url, url.replace(/^http/, 'ws')]).join(' ')
  const media = `${servers.join(' ')} blob: data:`
  return `default-src 'self'; connect-src 'self' ${reachable}; img-src 'self' ${media}; media-src 'self' ${media}`
}
