import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'

/** What the balancer sees of a gateway, and nothing behind it: one that says what reached it, and misbehaves when told to. */
export interface FakeGateway {
  readonly address: string
  /** Sockets that came through and are still open. */
  readonly sockets: ReadonlySet<WebSocket>
  /** Upgrades that were asked for. */
  upgradesAsked(): number
  /** From now on it is not ready, and answers upgrades with 503, as one that drains. */
  drain(): void
  /** The bytes of request bodies that have arrived so far. */
  bodyBytes(): number
  stop(): Promise<void>
}

/** Listens on this loopback address; the port of the first is free, and given to the others. */
export async function startFakeGateway(
  address: string,
  port: number,
): Promise<FakeGateway & { readonly port: number }> {
  const websockets = new WebSocketServer({ noServer: true })
  let isDraining = false
  let asked = 0
  let bytes = 0
  const server: Server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => (bytes += chunk.length))
    if (request.url === '/readyz') response.writeHead(isDraining ? 503 : 200).end()
    else request.on('end', () => response.end(JSON.stringify({ address, url: request.url, headers: request.headers })))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    asked++
    if (isDraining)
      return void socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    websockets.handleUpgrade(request, socket, head, (websocket) => {
      websocket.on('error', () => {})
      websocket.send(JSON.stringify({ address, headers: request.headers }))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, resolve)
  })
  return {
    address,
    port: (server.address() as AddressInfo).port,
    sockets: websockets.clients,
    upgradesAsked: () => asked,
    bodyBytes: () => bytes,
    drain: () => (isDraining = true),
    stop: async () => {
      for (const socket of websockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
