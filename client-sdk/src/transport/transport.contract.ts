import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { WebSocketServer, type WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Socket, Transport } from '../core/client-api.ts'

interface Heard {
  readonly events: string[]
  readonly socket: Socket
}

/** What every transport guarantees, against a real WebSocket server on loopback. */
export function describeTransport(name: string, makeTransport: () => Transport): void {
  describe(`the ${name} transport`, () => {
    let server: WebSocketServer
    let url: string
    const accepted: WebSocket[] = []

    beforeAll(async () => {
      server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
      server.on('connection', (socket) => {
        accepted.push(socket)
        socket.on('message', (data, isBinary) => {
          const text = isBinary ? 'binary' : Buffer.from(data as Buffer).toString()
          if (text.startsWith('close ')) socket.close(Number(text.slice(6)), 'as asked')
          else if (text === 'die') socket.terminate()
          else socket.send(`echo ${text}`)
        })
      })
      await once(server, 'listening')
      url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    })

    afterAll(async () => {
      for (const socket of accepted) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    })

    function dial(to: string): Heard {
      const events: string[] = []
      const socket = makeTransport().dial(to, {
        onOpen: () => events.push('open'),
        onText: (text) => events.push(text),
        onClose: (code, reason) => events.push(`closed ${code} ${reason}`.trim()),
      })
      return { events, socket }
    }

    async function until(heard: Heard, event: string): Promise<void> {
      await vi.waitFor(() => expect(heard.events).toContain(event), { timeout: 5000, interval: 5 })
    }

    test('opens, after the turn in which it was dialled', async () => {
      const heard = dial(url)
      expect(heard.events).toEqual([])
      await until(heard, 'open')
      heard.socket.close(1000, '')
    })

    test('carries texts both ways, in order and whole', async () => {
      const heard = dial(url)
      await until(heard, 'open')
      const texts = ['a', '鸿雁 🕊️', '"\\u0000"', 'x'.repeat(70_000), 'b']
      for (const text of texts) heard.socket.send(text)
      await until(heard, 'echo b')
      expect(heard.events).toEqual(['open', ...texts.map((text) => `echo ${text}`)])
      heard.socket.close(1000, '')
    })

    for (const code of [1000, 4000, 4505]) {
      test(`tells the server’s close code ${code}, once and last`, async () => {
        const heard = dial(url)
        await until(heard, 'open')
        heard.socket.send(`close ${code}`)
        await until(heard, `closed ${code} as asked`)
        heard.socket.send('too late')
        heard.socket.close(1000, '')
        await nextTimers()
        expect(heard.events).toEqual(['open', `closed ${code} as asked`])
      })
    }

    test('tells of a connection that dies without a word as 1006', async () => {
      const heard = dial(url)
      await until(heard, 'open')
      heard.socket.send('die')
      await until(heard, 'closed 1006')
      expect(heard.events).toEqual(['open', 'closed 1006'])
    })

    test('ends when it is closed from here, and says nothing after it', async () => {
      const heard = dial(url)
      await until(heard, 'open')
      heard.socket.send('last')
      heard.socket.close(1000, 'bye')
      await vi.waitFor(() => expect(heard.events.some((event) => event.startsWith('closed'))).toBe(true), {
        timeout: 5000,
      })
      const count = heard.events.length
      heard.socket.send('too late')
      await nextTimers()
      expect(heard.events.length).toBe(count)
    })

    test('may be closed before it is open; then it never opens', async () => {
      const heard = dial(url)
      heard.socket.send('too early')
      heard.socket.close(1000, '')
      await vi.waitFor(() => expect(heard.events.length).toBeGreaterThan(0), { timeout: 5000 })
      await nextTimers()
      expect(heard.events).toHaveLength(1)
      expect(heard.events[0]).toMatch(/^closed /)
    })

    test('tells of an address where nobody listens, later and once', async () => {
      const probe = createServer()
      await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
      const { port } = probe.address() as AddressInfo
      await new Promise((resolve) => probe.close(resolve))
      const heard = dial(`ws://127.0.0.1:${port}`)
      expect(heard.events).toEqual([])
      await until(heard, 'closed 1006')
      await nextTimers()
      expect(heard.events).toEqual(['closed 1006'])
    })

    test('tells of what is no address, later and once', async () => {
      const heard = dial('no address')
      expect(heard.events).toEqual([])
      await until(heard, 'closed 1006')
      heard.socket.send('x')
      heard.socket.close(1000, '')
      await nextTimers()
      expect(heard.events).toEqual(['closed 1006'])
    })

    test('is closed in time even if the other side does not answer', async () => {
      const silent = await startSilentServer()
      const heard = dial(`ws://127.0.0.1:${(silent.address() as AddressInfo).port}`)
      await until(heard, 'open')
      heard.socket.close(1000, '')
      await vi.waitFor(() => expect(heard.events).toHaveLength(2), { timeout: 5000 })
      expect(heard.events[1]).toMatch(/^closed /)
      silent.close()
    })
  })
}

/** Shakes hands and then neither hears nor says anything. */
async function startSilentServer(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (head) => {
      const key = /sec-websocket-key: (.*)\r\n/i.exec(head.toString())?.[1] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      socket.pause()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** Long enough for a second ending to show itself, if there were one. */
function nextTimers(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 150))
}
