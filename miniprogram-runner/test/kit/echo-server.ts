import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

export interface EchoServer {
  readonly url: string
  readonly socketUrl: string
  /** Open sockets now. */
  sockets(): number
  /** What sockets said when they opened. */
  handshakes(): readonly { readonly url: string | undefined; readonly headers: IncomingMessage['headers'] }[]
  closeSockets(code: number, reason: string): void
  stop(): Promise<void>
}

/** HTTP: `/status/418`, `/hang`, `/file`, anything else tells what it was asked. Sockets: says back what it hears. */
export async function startEchoServer(): Promise<EchoServer> {
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/hang') return
    if (path === '/file') {
      response
        .writeHead(200, { 'content-type': 'image/png', 'set-cookie': ['a=1', 'b=2'] })
        .end(Buffer.from([137, 80, 78, 71]))
      return
    }
    void bodyOf(request).then((body) => {
      const status = Number(/^\/status\/(\d+)/.exec(path)?.[1] ?? 200)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          method: request.method,
          url: request.url,
          headers: request.headers,
          body: body.toString('latin1'),
        }),
      )
    })
  })
  const sockets = new WebSocketServer({ server, handleProtocols: (protocols) => [...protocols][0] ?? false })
  const handshakes: { readonly url: string | undefined; readonly headers: IncomingMessage['headers'] }[] = []
  sockets.on('connection', (socket, { url, headers }) => {
    handshakes.push({ url, headers })
    socket.on('message', (data: Buffer, isBinary) => socket.send(isBinary ? data : `echo ${data.toString()}`))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    socketUrl: `ws://127.0.0.1:${port}/socket`,
    handshakes: () => handshakes,
    sockets: () => sockets.clients.size,
    closeSockets: (code, reason) => sockets.clients.forEach((socket) => socket.close(code, reason)),
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
