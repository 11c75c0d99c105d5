import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { until } from '../../test/kit/until.ts'
import { boundBodies } from './slow-bodies.ts'

test('a body that does not arrive in time ends its connection, but not where the route bounds it itself (S-WS4)', async () => {
  const clock = new ManualClock()
  const app = Fastify()
  boundBodies(app, { clock, withinMs: 10_000 })
  let served = 0
  app.post('/bounded', async () => ({}))
  app.post('/upload', { config: { boundsItsBody: true } }, async () => ({ served: ++served }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const dial = (path: string) => {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{`)
    return socket
  }
  const slow = [dial('/bounded'), dial('/nowhere')]
  await until('both are waited for', () => clock.alarms === 2)
  const upload = dial('/upload')
  const closed = slow.map((socket) => once(socket, 'close'))
  await clock.pass(9_999)
  expect(slow.map((socket) => socket.closed)).toEqual([false, false])
  await clock.pass(1)
  await Promise.all(closed)
  upload.write('}')
  await until('the upload is served', () => served === 1)
  upload.destroy()
  const { port } = app.server.address() as AddressInfo
  const headers = { 'content-type': 'application/json' }
  const quick = await fetch(`http://127.0.0.1:${port}/bounded`, { method: 'POST', body: '{}', headers })
  expect(quick.status).toBe(200)
  await until('nothing waits any more', () => clock.alarms === 0)
  await app.close()
})
