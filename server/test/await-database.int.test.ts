import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { awaitDatabase } from '../src/db/await-database.ts'
import { connect } from '../src/db/db.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { until } from './kit/until.ts'

// What PostgreSQL says over the wire while it starts, read by our own driver.

let server: Server
let callers = 0

function refusal(code: string): Buffer {
  const fields = `SFATAL\0VFATAL\0C${code}\0Mthe database system is starting up\0\0`
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(4 + fields.length, 1)
  return Buffer.concat([head, Buffer.from(fields)])
}

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      callers++
      socket.end(refusal('57P03'))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => void server.close())

test('a PostgreSQL that says it is starting is asked again, until we are told to stop', async () => {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const stopping = new AbortController()
  const db = connect({
    url: `postgres://hongyan@127.0.0.1:${port}/hongyan`,
    name: 'await test',
    size: 1,
    statementDeadlineMs: 3_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
  const waiting = awaitDatabase(db, { clock: systemClock, logger: silentLogger(), signal: stopping.signal })
  const ended = waiting.then(
    () => 'answered',
    (err: unknown) => String(err),
  )
  await until('it has asked three times', () => callers >= 3)
  stopping.abort(new Error('told to stop'))
  expect(await ended).toContain('told to stop')
  await db.close()
})
