import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { connectionOf } from './connection.ts'
import { OutboundQueue } from './outbound-queue.ts'

const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

/** A real connection: the server's end, and the client's end of it. */
async function openPair(): Promise<{ readonly near: WebSocket; readonly far: WebSocket }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[WebSocket]>
  const far = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  far.on('error', () => {})
  const [near] = await accepted
  near.on('error', () => {})
  await once(far, 'open')
  cleanUps.push(() => {
    far.terminate()
    near.terminate()
    server.close()
  })
  return { near, far }
}

function queueOf(socket: WebSocket, maxBytes = 1024 * 1024, flushedBytes = 1000, lossyBytes = maxBytes) {
  let overflows = 0
  const queue = new OutboundQueue(socket, { maxBytes, flushedBytes, lossyBytes }, { overflowed: () => overflows++ })
  return { queue, overflows: () => overflows }
}

const KILOBYTE = 'x'.repeat(1024)

describe('the outbound queue', () => {
  test('sends text and bytes alike as text, in order', async () => {
    const { near, far } = await openPair()
    const { queue } = queueOf(near)
    const got: (readonly [string, boolean])[] = []
    far.on('message', (data: Buffer, isBinary: boolean) => got.push([data.toString(), isBinary]))
    queue.send('一')
    queue.send(Buffer.from('二'))
    queue.send('三')
    await expect
      .poll(() => got)
      .toEqual([
        ['一', false],
        ['二', false],
        ['三', false],
      ])
  })

  test('writes all frames of one turn of the event loop at once', async () => {
    const { near } = await openPair()
    const raw = Reflect.get(near, '_socket') as Socket
    const { queue } = queueOf(near)
    let writes = 0
    const writev = raw._writev?.bind(raw)
    raw._writev = (chunks, done) => {
      writes++
      writev?.(chunks, done)
    }
    for (let index = 0; index < 500; index++) queue.send(KILOBYTE)
    expect(writes).toBe(0)
    await new Promise((resolve) => setImmediate(resolve))
    await expect.poll(() => queue.queuedBytes).toBe(0)
    expect(writes).toBe(1)
  })

  test('passes its bound once, then drops: what it holds stays bounded', async () => {
    const { near, far } = await openPair()
    far.pause()
    const { queue, overflows } = queueOf(near, 64 * 1024)
    for (let index = 0; index < 20_000; index++) {
      queue.send(KILOBYTE)
      if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(overflows()).toBe(1)
    expect(queue.queuedBytes).toBeLessThanOrEqual(64 * 1024 + 2 * 1024)
  })

  test('[PUSH-4] what may be lost is lost while too much is queued, and is sent again afterwards', async () => {
    const { near, far } = await openPair()
    const received: string[] = []
    far.on('message', (data: Buffer) => received.push(data.toString()))
    far.pause()
    const { queue, overflows } = queueOf(near, 1024 * 1024, 1000, 64 * 1024)
    for (let index = 0; index < 16 * 1024; index++) {
      queue.sendLossy(Buffer.from(KILOBYTE))
      if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(queue.queuedBytes).toBeLessThanOrEqual(64 * 1024 + 2 * 1024)
    queue.send('numbered')
    far.resume()
    await queue.flushed()
    queue.sendLossy(Buffer.from('later'))
    await expect.poll(() => received.slice(-2)).toEqual(['numbered', 'later'])
    expect(received.length).toBeLessThan(16 * 1024)
    expect(overflows()).toBe(0)
  })

  test('flushed waits until a peer that stopped reading goes on', async () => {
    const { near, far } = await openPair()
    far.pause()
    const { queue } = queueOf(near, 64 * 1024 * 1024)
    // More than the two kernels' buffers hold.
    for (let index = 0; index < 16 * 1024; index++) queue.send(KILOBYTE)
    let isFlushed = false
    const flushed = queue.flushed().then(() => (isFlushed = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isFlushed).toBe(false)
    expect(queue.queuedBytes).toBeGreaterThan(0)
    far.resume()
    await flushed
    expect(queue.queuedBytes).toBeLessThanOrEqual(1000)
  })

  test('flushed is at once for a peer that keeps up', async () => {
    const { near } = await openPair()
    const { queue } = queueOf(near)
    queue.send('x')
    await queue.flushed()
  })

  test('flushed rejects when the connection ends, before or meanwhile; sending then is harmless', async () => {
    const { near, far } = await openPair()
    far.pause()
    const { queue } = queueOf(near, 64 * 1024 * 1024)
    for (let index = 0; index < 16 * 1024; index++) queue.send(KILOBYTE)
    const waiting = queue.flushed()
    near.terminate()
    await expect(waiting).rejects.toThrow('closed')
    await expect(queue.flushed()).rejects.toThrow('closed')
    queue.send('x')
  })
})

describe('a connection', () => {
  test('[CLOSE-5] that does not take what it is sent is closed SLOW_CONSUMER, and cut when it does not even answer that', async () => {
    const { near, far } = await openPair()
    far.pause()
    const connection = connectionOf(near)
    const closed = once(near, 'close')
    for (let index = 0; index < 32 * 1024 && near.readyState === near.OPEN; index++) {
      connection.send(KILOBYTE)
      if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(near.readyState).toBe(near.CLOSING)
    await closed
    expect(near.readyState).toBe(near.CLOSED)
  }, 15_000)

  test('whose peer vanished without a word ends all the same when it is closed', async () => {
    const { near, far } = await openPair()
    far.pause()
    const connection = connectionOf(near)
    const closed = once(near, 'close')
    connection.close(4000, 'the server is going down')
    connection.close(4000, 'again')
    await closed
    connection.send('x')
    connection.close(4000, 'and again')
  }, 15_000)

  test('tells its peer the code and the reason', async () => {
    const { near, far } = await openPair()
    const closed = once(far, 'close') as Promise<[number, Buffer]>
    connectionOf(near).close(4500, 'not a JSON object')
    const [code, reason] = await closed
    expect([code, reason.toString()]).toEqual([4500, 'not a JSON object'])
  })
})
