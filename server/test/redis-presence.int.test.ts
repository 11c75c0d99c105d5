import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { RedisLink, type RedisLinkOptions } from '../src/broker/redis-link.ts'
import { systemClock } from '../src/kit/clock.ts'
import { systemRandom } from '../src/kit/random.ts'
import { describePresence, eventually, session } from '../src/presence/presence.contract.ts'
import { leaseKey, RedisPresence, type RedisPresenceOptions } from '../src/presence/redis-presence.ts'
import { startRedis } from './kit/redis.ts'
import { useRedisStand } from './kit/redis-stand.ts'

const redis = await startRedis()
const url = redis?.url ?? ''
const PATIENCE = { timeout: 20_000, interval: 10 }

const stand = useRedisStand(async () => redis?.stop())

type Options = Partial<RedisPresenceOptions> & { readonly link?: Partial<RedisLinkOptions> }

function open({ link, ...options }: Options = {}): RedisPresence {
  const store = new RedisLink({
    url,
    name: 'presence-test',
    commandTimeoutMs: 1_000,
    connectTimeoutMs: 1_000,
    clock: systemClock,
    random: systemRandom,
    onFault: stand.onFault,
    ...link,
  })
  const presence = new RedisPresence({
    store,
    clock: systemClock,
    random: systemRandom,
    prefix: stand.prefix,
    ...options,
  })
  return stand.keep(presence)
}

async function ask(...args: [string, ...string[]]): Promise<unknown> {
  const admin = new Redis(url)
  const answer = await admin.call(...args)
  admin.disconnect()
  return answer
}

function ttlMs(userId: string): Promise<number> {
  return ask('pttl', leaseKey(stand.prefix, userId)).then(Number)
}

describe.skipIf(!redis)('over a real Redis', () => {
  describePresence('RedisPresence', open)

  test('nodes see each other, and the same user may be on both', async () => {
    const [one, other] = [open(), open()]
    one.arrive(session('alice', 1))
    await eventually(one, ['alice'], { alice: [session('alice', 1)] })
    other.arrive(session('alice', 2))
    await eventually(one, ['alice'], { alice: [session('alice', 1), session('alice', 2)] })
    await other.close()
    await eventually(one, ['alice'], { alice: [session('alice', 1)] })
  })

  test('a lease lasts at most twice the time between renewals, and each renewal makes it last as long again', async () => {
    const due: (() => void)[] = []
    const clock = { ...systemClock, after: (_: number, run: () => void) => (due.push(run), () => {}) }
    const presence = open({ renewEveryMs: 30_000, clock })
    presence.arrive(session('alice', 1))
    await eventually(presence, ['alice'], { alice: [session('alice', 1)] })
    for (let round = 0; round < 3; round += 1) {
      await vi.waitFor(async () => expect(await ttlMs('alice')).toBeLessThan(59_900), PATIENCE)
      due.shift()?.()
      await vi.waitFor(async () => expect(await ttlMs('alice')).toBeGreaterThan(59_900), PATIENCE)
      expect(await ttlMs('alice')).toBeLessThanOrEqual(60_000)
    }
  })

  test('the leases of a node that was killed expire by themselves, those of its neighbours stay', async () => {
    const here = open({ renewEveryMs: 600_000 })
    here.arrive(session('alice', 1))
    const doomed = spawnNode()
    await eventually(here, ['alice', 'bob'], {
      alice: [session('alice', 1), session('alice', 2)],
      bob: [session('bob', 1)],
    })
    doomed.kill('SIGKILL')
    await eventually(here, ['alice', 'bob'], { alice: [session('alice', 1)] })
  })

  test('what nobody of us wrote among the leases is ignored', async () => {
    const presence = open()
    presence.arrive(session('alice', 1))
    await eventually(presence, ['alice'], { alice: [session('alice', 1)] })
    for (const text of ['nonsense', '[]', '[1,2,3]', '{"a":1}']) {
      await ask('zadd', leaseKey(stand.prefix, 'alice'), '9e15', text)
    }
    await eventually(presence, ['alice'], { alice: [session('alice', 1)] })
  })

  test('a lease behind a broken key is a fault for the log, and the answer is empty', async () => {
    const presence = open()
    await ask('set', leaseKey(stand.prefix, 'alice'), 'a string')
    presence.arrive(session('bob', 1))
    await eventually(presence, ['bob'], { bob: [session('bob', 1)] })
    expect((await presence.whereabouts(['alice', 'bob'])).size).toBe(0)
    expect(String(stand.faults[0])).toContain('WRONGTYPE')
  })
})

test('with nobody at the address nothing throws and nobody is anywhere', async () => {
  const presence = open({ link: { url: 'redis://127.0.0.1:1' } })
  presence.arrive(session('alice', 1))
  expect((await presence.whereabouts(['alice'])).size).toBe(0)
  presence.leave(session('alice', 1))
  await vi.waitFor(() => expect(stand.faults).toHaveLength(1), PATIENCE)
  await presence.close()
})

describe.skipIf(!redis?.kill)('[F-03] faults of a Redis of our own', () => {
  afterEach(async () => {
    await redis?.kill?.('SIGCONT')
  })

  test('a stopped Redis costs a question its deadline, close has an end, and all is well afterwards', async () => {
    const [presence, leaver] = [open({ link: { commandTimeoutMs: 300 } }), open({ link: { commandTimeoutMs: 300 } })]
    presence.arrive(session('alice', 1))
    leaver.arrive(session('bob', 1))
    await eventually(presence, ['alice', 'bob'], { alice: [session('alice', 1)], bob: [session('bob', 1)] })
    await redis?.kill?.('SIGSTOP')
    expect((await presence.whereabouts(['alice'])).size).toBe(0)
    await leaver.close()
    presence.arrive(session('carol', 1))
    await redis?.kill?.('SIGCONT')
    await vi.waitFor(async () => {
      const found = await presence.whereabouts(['alice', 'carol'])
      expect([...found.keys()].toSorted()).toEqual(['alice', 'carol'])
    }, PATIENCE)
  })

  test('after FLUSHALL everybody is back by the next renewal', async () => {
    const presence = open({ renewEveryMs: 200 })
    presence.arrive(session('alice', 1))
    await eventually(presence, ['alice'], { alice: [session('alice', 1)] })
    await ask('flushall')
    await eventually(presence, ['alice'], { alice: [session('alice', 1)] })
  })

  test('kill -9 and restart: an empty Redis learns at once who is here, long before the next renewal', async () => {
    const presence = open({ renewEveryMs: 600_000 })
    presence.arrive(session('alice', 1))
    presence.arrive(session('bob', 1))
    await eventually(presence, ['alice', 'bob'], { alice: [session('alice', 1)], bob: [session('bob', 1)] })
    await redis?.kill?.('SIGKILL')
    presence.leave(session('bob', 1))
    presence.arrive(session('carol', 1))
    expect((await presence.whereabouts(['alice'])).size).toBe(0)
    await redis?.restart?.()
    await eventually(presence, ['alice', 'bob', 'carol'], {
      alice: [session('alice', 1)],
      carol: [session('carol', 1)],
    })
  })
})

/** A node in a process of its own, with two sessions, until it is killed. */
function spawnNode(): ChildProcess {
  const moduleUrl = (path: string) => JSON.stringify(new URL(`../src/${path}`, import.meta.url).href)
  const source = `
    import { RedisLink } from ${moduleUrl('broker/redis-link.ts')}
    import { RedisPresence } from ${moduleUrl('presence/redis-presence.ts')}
    import { systemClock as clock } from ${moduleUrl('kit/clock.ts')}
    import { systemRandom as random } from ${moduleUrl('kit/random.ts')}
    const store = new RedisLink({ url: ${JSON.stringify(url)}, name: 'doomed', commandTimeoutMs: 1_000,
      connectTimeoutMs: 1_000, clock, random, onFault: () => {} })
    const presence = new RedisPresence({ store, prefix: ${JSON.stringify(stand.prefix)}, clock, random, renewEveryMs: 400 })
    presence.arrive({ userId: 'alice', loginKey: 2, device: 'web' })
    presence.arrive({ userId: 'bob', loginKey: 1, device: 'web' })
    setTimeout(() => process.exit(1), 30_000)`
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const args = ['--import', tsx, '--input-type=module', '--eval', source]
  return spawn(process.execPath, args, { stdio: 'inherit', cwd: fileURLToPath(new URL('..', import.meta.url)) })
}
