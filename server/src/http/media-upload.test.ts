import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ManualClock, settle } from '../../test/kit/manual-clock.ts'
import { until } from '../../test/kit/until.ts'
import { silentLogger } from '../kit/logger.ts'
import type { MediaService } from '../media/media-service.ts'
import type { Arriving, Uploads } from '../media/uploads.ts'
import { mediaRoutes } from './media.ts'

const HEAD = 'PUT /im/upload/x?t=y HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n'
const FORM_HEAD =
  'POST /im/upload/x?t=y HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 1000\r\n\r\n' +
  '--b\r\ncontent-disposition: form-data; name="key"\r\n\r\nslow'

let app: FastifyInstance
let clock: ManualClock
let outcomes: string[]
let received: number

/** Reads what comes, as the real one does. */
async function receive(_fileId: string, _ticket: string, { content }: Arriving): Promise<unknown> {
  try {
    for await (const chunk of content) received += chunk.length
    outcomes.push('whole')
    return {}
  } catch (err) {
    outcomes.push('broken')
    throw err
  }
}

async function start(stallMs: number): Promise<void> {
  clock = new ManualClock()
  outcomes = []
  received = 0
  app = Fastify()
  await mediaRoutes(app, {
    media: {} as MediaService,
    uploads: { receive } as unknown as Uploads,
    mayUse: () => true,
    clock,
    stallMs,
    logger: silentLogger(),
    onRefused: (name) => outcomes.push(name),
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
}

async function dial(text: string): Promise<Socket> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

beforeEach(() => start(100))
afterEach(() => app.close())

test('a sender that falls silent is cut off, wherever it has stopped', async () => {
  for (const text of [HEAD, `${HEAD}abc`]) {
    const socket = await dial(text)
    await once(socket, 'close')
  }
  await until('both have ended', () => outcomes.filter((one) => one === 'broken').length === 2)
  await once(await dial(FORM_HEAD), 'close')
  await until('the form has ended', () => outcomes.filter((one) => one === 'FILE_INCOMPLETE').length === 3)
})

test('one that never falls silent has no more time than the slowest line needs', async () => {
  await app.close()
  await start(60_000)
  const socket = await dial(HEAD)
  let isOpen = true
  socket.on('close', () => (isOpen = false))
  for (let seconds = 0; isOpen && seconds < 300; seconds += 10) {
    const before = received
    socket.write('x')
    await until('it arrived, or all is over', () => received > before || !isOpen)
    await clock.pass(10_000)
    await settle()
  }
  // A minute, and a little for a thousand bytes.
  expect([isOpen, received]).toEqual([false, 7])
})
