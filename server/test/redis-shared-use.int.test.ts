import { Redis } from 'ioredis'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { RedisLink, type RedisLinkOptions } from '../src/broker/redis-link.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { limitsOf } from '../src/rates/limits.ts'
import { Rates, type Claim } from '../src/rates/rates.ts'
import { RedisSharedUse } from '../src/rates/redis-shared-use.ts'
import { describeSharedUse, rounded, useOf } from '../src/rates/shared-use.contract.ts'
import { drain, refusalOf } from './kit/rates-stand.ts'
import { refusalOf as wireRefusalOf } from './kit/pair.ts'
import { startRedis } from './kit/redis.ts'
import { until } from './kit/until.ts'
import { WireClient } from './kit/wire-client.ts'
import { startWorld } from './kit/world.ts'
import { useRedisStand } from './kit/redis-stand.ts'

const redis = await startRedis()
const url = redis?.url ?? ''
const PATIENCE = { timeout: 20_000, interval: 10 }
const SETTINGS = {
  maxSendsPerSecondPerUser: 20,
  maxSendsPerSecondPerGroup: 20,
  maxOpeningsPerSecondPerAddress: 20,
  maxGroupsFoundedPerHourPerUser: 20,
}
const FOUNDING: Claim = { limit: 'groups founded by a user', key: 'anna' }

const stand = useRedisStand(async () => redis?.stop())

function open(link: Partial<RedisLinkOptions> = {}): RedisSharedUse {
  const store = new RedisLink({
    url,
    name: 'rates-test',
    commandTimeoutMs: 1_000,
    connectTimeoutMs: 1_000,
    clock: systemClock,
    random: systemRandom,
    onFault: stand.onFault,
    ...link,
  })
  const shared = new RedisSharedUse({ store, prefix: stand.prefix })
  return stand.keep(shared)
}

/** An end that has its connection. */
async function openUp(link: Partial<RedisLinkOptions> = {}): Promise<RedisSharedUse> {
  const shared = open(link)
  await vi.waitFor(async () => expect(await shared.exchange([])).toEqual([]), PATIENCE)
  return shared
}

function ratesOver(shared: RedisSharedUse): Rates {
  return new Rates({ limits: limitsOf(SETTINGS), shared, clock: systemClock, logger: silentLogger() })
}

async function ask(...args: [string, ...string[]]): Promise<unknown> {
  const admin = new Redis(url)
  const answer = await admin.call(...args)
  admin.disconnect()
  return answer
}

async function keys(): Promise<readonly string[]> {
  return (await ask('keys', `${stand.prefix}*`)) as string[]
}

describe.skipIf(!redis)('over a real Redis', () => {
  describeSharedUse('RedisSharedUse', open)

  test('a key goes when all of it has leaked away, and is there no longer', async () => {
    const shared = await openUp()
    await shared.exchange([useOf('short', 5, { perSecond: 100 }), useOf('long', 5, { perSecond: 0.05 })])
    await vi.waitFor(async () => expect(await keys()).toHaveLength(1), PATIENCE)
    const [key = ''] = await keys()
    const ttlMs = Number(await ask('pttl', key))
    expect(ttlMs).toBeGreaterThan(90_000)
    expect(ttlMs).toBeLessThanOrEqual(100_001)
  })

  test('whatever else lies under a key counts as nothing, and is replaced', async () => {
    const shared = await openUp()
    for (const lie of ['', 'nonsense', '5', 'nan 5', 'inf 5', '-5 5', '1e400 1', '5 99999999999999']) {
      await shared.exchange([useOf('anna', 1)])
      const [key = ''] = await keys()
      await ask('set', key, lie)
      const [level = -1] = (await shared.exchange([useOf('anna', 1)])) ?? []
      expect([lie, level >= 0 && level <= 1600]).toEqual([lie, true])
      await ask('del', key)
      await ask('lpush', key, lie)
      expect(rounded(await shared.exchange([useOf('anna', 1)]))).toEqual([1])
      await ask('del', key)
    }
    expect(stand.faults).toEqual([])
  })

  test('a gateway that comes back from a restart goes on with the limits where they were', async () => {
    const before = ratesOver(await openUp())
    expect(drain(before, FOUNDING)).toBe(20)
    await before.exchange()
    const after = ratesOver(await openUp())
    for (let n = 0; n < 3; n++) expect(refusalOf(after, FOUNDING)).toBeUndefined()
    await after.exchange()
    expect(refusalOf(after, FOUNDING)?.retryAfterMs).toBeGreaterThan(300_000)
  })
})

test.skipIf(!redis)(
  'two gateways: what a user has used up on one is used up on the other within about a second',
  async () => {
    const env = { REDIS_URL: url, GROUPS_FOUNDED_PER_HOUR_PER_USER: '24' }
    const world = await startWorld({ nodes: 2, env })
    try {
      const [one, other] = [
        await WireClient.open(world.endpoint(0), 'founder', { device: 'web' }),
        await WireClient.open(world.endpoint(1), 'founder', { device: 'wx', instanceId: 'phone' }),
      ]
      let asked = 0
      const found = (client: WireClient): Promise<string> =>
        wireRefusalOf(client.request('group.create', { requestId: `r${++asked}`, type: 'work', name: 'x' }))
      while ((await found(one)) === 'nothing') continue
      expect(asked).toBeGreaterThan(24)
      let granted = 0
      await until('the other gateway knows', async () => {
        await new Promise((resolve) => setTimeout(resolve, 100))
        if ((await found(other)) === 'TOO_MANY_REQUESTS') return true
        granted++
        return false
      })
      expect(granted).toBeLessThan(20)
    } finally {
      await world.stop()
    }
  },
)

test('with nobody at the address a node goes on alone, and waits for nobody', async () => {
  const shared = open({ url: 'redis://127.0.0.1:1' })
  const rates = ratesOver(shared)
  expect(drain(rates, FOUNDING)).toBe(20)
  await rates.exchange()
  expect(rates.stats().lost).toBe(1)
  await vi.waitFor(() => expect(stand.faults).toHaveLength(1), PATIENCE)
})

describe.skipIf(!redis?.kill)('[F-03] faults of a Redis of our own', () => {
  afterEach(async () => {
    await redis?.kill?.('SIGCONT')
  })

  test('a stopped Redis costs an exchange its deadline and a request nothing, and all is well afterwards', async () => {
    const shared = await openUp({ commandTimeoutMs: 300 })
    const rates = ratesOver(shared)
    expect(drain(rates, FOUNDING)).toBe(20)
    await redis?.kill?.('SIGSTOP')
    const exchange = rates.exchange()
    const other: Claim = { ...FOUNDING, key: 'bert' }
    expect(drain(rates, other)).toBe(20)
    await exchange
    expect(rates.stats().lost).toBe(1)
    await redis?.kill?.('SIGCONT')
    await vi.waitFor(async () => expect(rounded(await shared.exchange([useOf('after', 2)]))).toBeDefined(), PATIENCE)
    await rates.exchange()
    expect(rates.stats().lost).toBe(1)
  })

  test('kill -9 and restart: what an empty Redis does not know each node still does, and new use is shared again', async () => {
    const [one, other] = [await openUp(), await openUp()]
    const rates = ratesOver(one)
    expect(drain(rates, FOUNDING)).toBe(20)
    await rates.exchange()
    await redis?.kill?.('SIGKILL')
    await redis?.restart?.()
    for (const shared of [one, other]) {
      await vi.waitFor(async () => expect(await shared.exchange([])).toEqual([]), PATIENCE)
    }
    expect(refusalOf(rates, FOUNDING)?.retryAfterMs).toBeGreaterThan(100_000)
    await rates.exchange()
    expect(refusalOf(rates, FOUNDING)?.retryAfterMs).toBeGreaterThan(100_000)
    await one.exchange([useOf('anna', 3)])
    expect(rounded(await other.exchange([useOf('anna', 1)]))).toEqual([4])
  })
})
