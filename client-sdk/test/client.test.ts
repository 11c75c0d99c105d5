import { c2cConversationId, CLOSE, type UserId } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { Device, watch } from './device.ts'
import { FakeServer } from './fake-server.ts'
import { seededRandom, VirtualClock } from './virtual-clock.ts'

const ann = 'ann' as UserId
const bob = 'bob' as UserId
const eve = 'eve' as UserId
const annBob = c2cConversationId(ann, bob)

function makeWorld(seed = 1) {
  const clock = new VirtualClock()
  const random = seededRandom(seed)
  const server = new FakeServer(clock, random, [ann, bob, eve])
  const net = { isUp: true }
  const device = (userId: UserId, options = {}) =>
    new Device(userId, clock, random, () => (net.isUp ? server : undefined), options)
  return { clock, server, net, device }
}

async function pair(seed = 1) {
  const world = makeWorld(seed)
  const a = world.device(ann)
  const b = world.device(bob)
  void a.login()
  void b.login()
  await world.clock.pass(1000)
  return { ...world, a, b }
}

describe('a message', () => {
  test('reaches the peer once, and the sender by its answer alone', async () => {
    const { a, b, clock, server } = await pair()
    const sent = watch(a.client.send(a.draft(annBob, 'hello')))
    await clock.pass(1000)
    expect(sent).toMatchObject({ state: 'done', value: { seq: 1 } })
    expect(b.messages(annBob).map(({ seq }) => seq)).toEqual([1])
    expect(a.messages(annBob)).toEqual([])
    expect(b.client.conversation(annBob)).toMatchObject({ unread: 1, lastSeq: 1, peer: { userId: ann, nick: 'n-ann' } })
    expect(a.client.conversation(annBob)).toMatchObject({ unread: 0, lastSeq: 1, peer: { nick: 'n-bob' } })
    expect(a.client.stateDigest()).toBe(server.digest(ann))
    expect(b.client.stateDigest()).toBe(server.digest(bob))
    expect(server.violations).toEqual([])
    expect([...a.errors, ...b.errors]).toEqual([])
  })
})
