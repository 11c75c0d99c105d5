import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startWorld, type World } from './kit/world.ts'

// Two connections of one address may wait for their login; a third is refused.
const MAX_OPENING = 2

let world: World | undefined
const sockets: WebSocket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await world?.stop()
})

async function start(trustedProxies: string): Promise<void> {
  world = await startWorld({ env: { MAX_OPENING_PER_ADDRESS: String(MAX_OPENING), TRUSTED_PROXIES: trustedProxies } })
}

/** Knocks as a balancer would, or somebody who plays one; the status of the answer, 101 for a connection. */
async function knock(forwardedFor?: string): Promise<number> {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }
  const socket = new WebSocket(`${world?.endpoint().replace('http', 'ws') ?? ''}/im/ws`, { headers })
  sockets.push(socket)
  socket.on('error', () => {})
  const opened = once(socket, 'open').then(() => 101)
  const refused = once(socket, 'unexpected-response').then(
    ([, answer]) => (answer as { statusCode: number }).statusCode,
  )
  opened.catch(() => {})
  refused.catch(() => {})
  return Promise.race([opened, refused])
}

async function knockAll(...all: readonly (string | undefined)[]): Promise<readonly number[]> {
  const statuses: number[] = []
  for (const forwardedFor of all) statuses.push(await knock(forwardedFor))
  return statuses
}

describe('behind a load balancer', () => {
  test('each client has its own address, if the balancer is trusted', async () => {
    await start('192.0.2.1,127.0.0.0/8')
    expect(await knockAll('10.1.1.1', '10.1.1.1', '10.1.1.2', '10.1.1.1')).toEqual([101, 101, 101, 429])
  })

  test('what a client has written itself stands before what the balancer knows, and does not count', async () => {
    await start('127.0.0.1')
    expect(await knockAll('1.1.1.1, 10.1.1.1', '2.2.2.2, 10.1.1.1', '3.3.3.3, 10.1.1.1')).toEqual([101, 101, 429])
  })

  test('of a chain of balancers, each is passed over that is trusted', async () => {
    await start('127.0.0.1,10.9.0.0/16')
    expect(await knockAll('10.1.1.1, 10.9.0.7', '10.1.1.1, 10.9.0.8', '10.1.1.1, 10.9.0.9')).toEqual([101, 101, 429])
  })
})

describe('who is no trusted balancer', () => {
  test.each(['', '192.0.2.1,10.0.0.0/8,::1'])(
    'counts as himself, whatever he says (trusted: "%s")',
    async (trusted) => {
      await start(trusted)
      expect(await knockAll('10.1.1.1', '10.1.1.2', '10.1.1.3')).toEqual([101, 101, 429])
    },
  )
})
