import type { IncomingMessage } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { isLoopback } from './loopback.ts'

/** The browser's own, of no concern to the server behind the relay: a mini-program has no origin and no cookies. */
const DROPPED = new Set(['host', 'origin', 'cookie', 'user-agent', 'referer'])

/**
 * Passes a WebSocket on byte by byte: `/__relay?to=ws://…&headers={…}`. The handshake is the program's and the server's
 * own, so subprotocols, refusals and close codes arrive as they are.
 */
export function relaySocket(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  onRefused: (url: string) => void,
): void {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const to = searchParams.get('to') ?? ''
  if (!isLoopback(to.replace(/^ws/, 'http'))) {
    onRefused(to)
    client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    return
  }
  const target = new URL(to)
  const server = dial(target)
  const extra = Object.entries(JSON.parse(searchParams.get('headers') ?? '{}') as Record<string, string>)
  server.write(handshake(request, target, extra))
  server.write(head)
  server.pipe(client)
  client.pipe(server)
  for (const [one, other] of [
    [server, client],
    [client, server],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}

function dial({ protocol, hostname, port }: URL): Socket {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol === 'wss:') return connectTls({ host, port: Number(port || 443), servername: host })
  return connectTcp({ host, port: Number(port || 80) })
}

function handshake(request: IncomingMessage, target: URL, extra: readonly (readonly [string, string])[]): string {
  const kept: string[] = []
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2)
    if (!DROPPED.has(name.toLowerCase())) kept.push(`${name}: ${value}`)
  }
  const own = [`Host: ${target.host}`, 'User-Agent: MicroMessenger/8.0.61']
  const given = extra.map(([name, value]) => `${name}: ${String(value).replaceAll(/[\r\n]/g, '')}`)
  return [`GET ${target.pathname}${target.search} HTTP/1.1`, ...own, ...kept, ...given, '', ''].join('\r\n')
}
