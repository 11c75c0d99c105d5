import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { readComposeFile } from '../compose-file.ts'
import { startBalancer, type Balancer } from '../topology/balancer.ts'
import { startNameServer, type NameServer } from '../topology/name-server.ts'
import { missingForTopology, prepareTopology } from '../topology/prepare.ts'
import { untilUp } from '../topology/running-process.ts'
import { addressesOf } from '../topology/topology.ts'
import { startFakeGateway, type FakeGateway } from './fake-gateway.ts'

// The real HAProxy with the configuration that is deployed, between clients and gateways that say what reached them.

const missing = missingForTopology()
if (missing !== undefined) console.warn(`The balancer's tests are SKIPPED: ${missing}`)

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const BLOCK = process.pid + 125

const HIDDEN = [
  '/metrics',
  '/metrics/',
  '/metrics?x=1',
  '/metrics;x',
  '/metrics%23x',
  '//metrics',
  '/%2Fmetrics',
  '/METRICS',
  '/%6Detrics',
  '/metric%73/',
  'http://im.school.example/metrics',
  '/readyz',
  '/%72eadyz',
]

describe.skipIf(missing !== undefined)('the load balancer', () => {
  const prepared = prepareTopology(ROOT, BLOCK)
  const certificate = readFileSync(join(prepared.folder, 'secrets/tls-certificate.pem'))
  const addresses = [20, 21, 22].map((last) => addressesOf(BLOCK).balancer.replace(/\d+$/, String(last)))
  const gateways: FakeGateway[] = []
  const opened: WebSocket[] = []
  let names: NameServer
  let balancer: Balancer

  const start = async (index: number): Promise<FakeGateway> => startFakeGateway(addresses[index] ?? '', 3000)
  const until = (isSo: () => Promise<boolean> | boolean): Promise<void> => untilUp(balancer, async () => isSo(), 20_000)

  beforeAll(async () => {
    gateways.push(await start(0), await start(1))
    names = await startNameServer((name) => (name === 'gateway' ? gateways.map(({ address }) => address) : []))
    const { environment = {} } = readComposeFile(ROOT).services['balancer'] ?? {}
    const tls = { TLS_CERTIFICATE: join(prepared.folder, 'secrets/tls.pem') }
    balancer = await startBalancer({
      ...prepared,
      address: addressesOf(BLOCK).balancer,
      environment: { ...environment, ...tls },
      nameServer: names.address,
      gateways: 2,
    })
  }, 60_000)
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.terminate()
  })
  afterAll(async () => {
    await balancer.stop(5_000)
    await names.stop()
    await Promise.all(gateways.map((gateway) => gateway.stop()))
    rmSync(prepared.folder, { recursive: true, force: true })
  })

  /** What the gateway says of a request that came through; an empty object when another answered. */
  async function ask(path: string, options: RequestOptions = {}): Promise<{ status: number; seen: Seen }> {
    const request = httpsRequest(new URL(path, balancer.https), {
      ca: certificate,
      servername: 'localhost',
      agent: false,
      ...options,
    })
    request.end()
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    const body = await text(answer)
    return { status: answer.statusCode ?? 0, seen: body.startsWith('{') ? (JSON.parse(body) as Seen) : {} }
  }

  async function open(headers: Record<string, string> = {}): Promise<{ socket: WebSocket; seen: Seen }> {
    const socket = new WebSocket(balancer.https.replace('https', 'wss'), { ca: certificate, headers })
    opened.push(socket)
    const [data] = (await once(socket, 'message')) as [Buffer]
    return { socket, seen: JSON.parse(data.toString('utf8')) as Seen }
  }

  const LIES = { 'x-forwarded-for': '198.51.100.7', 'x-real-ip': '198.51.100.7', forwarded: 'for=198.51.100.7' }

  test('says where a client comes from, and not what the client says', async () => {
    const { seen } = await ask('/im/about', { headers: { ...LIES, host: 'im.school.example' } })
    const socket = await open(LIES)
    for (const headers of [seen.headers, socket.seen.headers]) {
      expect(headers?.['x-forwarded-for']).toBe('127.0.0.1')
      expect(JSON.stringify(headers)).not.toContain('198.51.100.7')
    }
    expect(seen.headers?.['host']).toBe('im.school.example')
  })

  test.each(HIDDEN)('keeps %s to itself', async (path) => {
    const answer = await rawRequest(balancer.https, certificate, path)
    expect(answer).toMatch(/^HTTP\/1\.[01] 40[04] /)
    expect(answer).not.toContain('headers')
  })

  test.each(['/metrics-of-the-school.html', '/im/media/metrics', '/?/metrics'])('lets %s through', async (path) => {
    expect((await ask(path)).seen.url).toBe(path)
  })

  test('sends plain HTTP to TLS, which is 1.2 or newer, with HTTP/2 for pages', async () => {
    const plain = await fetch(`${balancer.http}/a?b=c`, { redirect: 'manual' })
    expect([plain.status, plain.headers.get('location')]).toEqual([
      308,
      `${balancer.http.replace('http', 'https')}/a?b=c`,
    ])
    expect(await handshake(balancer.https, certificate, { maxVersion: 'TLSv1.1' })).toBe('refused')
    expect(await handshake(balancer.https, certificate, { ALPNProtocols: ['h2', 'http/1.1'] })).toBe('h2')
  })

  test('has pages for the administrator on a port of their own, and nowhere else', async () => {
    const page = async (path: string): Promise<string> => (await fetch(`${balancer.admin}${path}`)).text()
    expect(await page('/healthz')).toBe('ok')
    expect(await page('/metrics')).toContain('haproxy_server_check_status')
    expect(await page('/balancer')).toContain('HAProxy')
    for (const path of ['/balancer', '/grafana/']) expect((await ask(path)).seen.url).toBe(path)
  })

  test('passes an upload on as it comes', async () => {
    const request = httpsRequest(new URL('/im/upload/x', balancer.https), {
      ca: certificate,
      method: 'PUT',
      agent: false,
    })
    const before = gateways.reduce((sum, gateway) => sum + gateway.bodyBytes(), 0)
    request.write(Buffer.alloc(300_000))
    await until(() => gateways.reduce((sum, gateway) => sum + gateway.bodyBytes(), 0) - before === 300_000)
    request.end()
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(200)
    answer.resume()
  })

  test('reads its certificate and configuration again without cutting anybody off', async () => {
    const { socket } = await open()
    balancer.kill('SIGUSR2')
    await until(() => balancer.output().includes('Proxy admin stopped'))
    // The new worker asks for the name first; until it has an answer it says 503, and clients try again.
    await until(async () => (await balancer.up()) === 2)
    await answersPing(socket)
    expect(balancer.isRunning()).toBe(true)
  })

  test('asks another gateway when one that drains refuses, and leaves it the sockets it has', async () => {
    const [draining, other] = gateways
    let kept = await open()
    while (kept.seen.address !== draining?.address) kept = await open()
    draining?.drain()
    for (let count = 0; count < 8; count++) expect((await open()).seen.address).toBe(other?.address)
    await until(async () => (await balancer.up()) === 1)
    expect((await ask('/im/about')).seen.address).toBe(other?.address)
    await answersPing(kept.socket)
  })

  test('finds a gateway that is new by its name, and none is missed that dies', async () => {
    gateways.push(await start(2))
    await until(async () => (await balancer.up()) === 2)
    await gateways[1]?.stop()
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/im/about')))
    expect(new Set(answers.map(({ seen }) => seen.address))).toEqual(new Set([addresses[2]]))
  })
})

/** What a fake gateway tells. */
interface Seen {
  readonly address?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
}

async function answersPing(socket: WebSocket): Promise<void> {
  const answered = once(socket, 'pong')
  socket.ping()
  await answered
}

/** The whole answer to a request whose target is written as it is. */
async function rawRequest(url: string, ca: Buffer, target: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connectTls({ host: hostname, port: Number(port), ca })
  socket.write(`GET ${target} HTTP/1.1\r\nHost: im.school.example\r\nConnection: close\r\n\r\n`)
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  await once(socket, 'close')
  return text
}

/** The protocol that was agreed on, or that there was no agreement. */
function handshake(url: string, ca: Buffer, options: ConnectionOptions): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connectTls({ host: hostname, port: Number(port), ca, minVersion: 'TLSv1', ...options }, () => {
      resolve(socket.alpnProtocol || 'none')
      socket.destroy()
    })
    socket.once('error', () => resolve('refused'))
  })
}
