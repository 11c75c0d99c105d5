import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EVENT } from '../../client-sdk/src/tim/events.ts'
import { TYPES } from '../../client-sdk/src/tim/types.ts'
import { Device } from './kit/device.ts'
import { startRedis, type RedisServer } from './kit/redis.ts'
import { until } from './kit/until.ts'
import { startWorld, type World } from './kit/world.ts'

const found = await startRedis()
/** Longer than the sweeper takes to find what nobody rang for, on a machine that is busy. */
const REPAIRED_MS = 20_000

let redis: RedisServer
let world: World
const devices: Device[] = []
const WELL = async (): Promise<void> => {}
/** Lets Redis answer again, after what was last done to it. */
let cure = WELL

/**
 * Two nodes, and a Redis that does not answer: "Redis down only adds latency, never an error". What begins meanwhile is the
 * hard part, because it is followed anew: logins, conversations, groups.
 */
describe.skipIf(!found?.kill)('what begins while Redis does not answer', () => {
  beforeAll(async () => {
    if (!found) return
    redis = found
    world = await startWorld({ nodes: 2, env: { REDIS_URL: redis.url } })
  })
  afterEach(async () => {
    await cure()
    await Promise.all(devices.splice(0).map((device) => device.leave()))
  })
  afterAll(async () => {
    await world?.stop()
    await found?.stop()
  })

  test.each([
    ['[F-04] it stands still', 'still', 'SIGSTOP'],
    ['[F-03] it is dead', 'dead', 'SIGKILL'],
  ] as const)('%s', { timeout: 90_000 }, async (_how, story, signal) => {
    const [anna, bert] = [await login(`anna_${story}`, 0), await login(`bert_${story}`, 1)]
    await harm(signal)
    await anna.say(bert.userID, 'first words')
    await hears(bert, 'first words')
    await bert.say(anna.userID, 'an answer')
    await hears(anna, 'an answer')

    const carl = await login(`carl_${story}`, 1)
    await carl.say(anna.userID, 'I have come just now')
    await hears(anna, 'I have come just now')
    await foundGroup(anna, [bert, carl], story)

    await cure()
    await anna.say(bert.userID, 'last words')
    await hears(bert, 'last words')
    for (const device of [anna, bert, carl]) expect(device.seen(EVENT.NET_STATE_CHANGE)).toEqual([])
  })

  test('a node that starts meanwhile lets people in', { timeout: 90_000 }, async () => {
    await harm('SIGSTOP')
    const lonely = await startWorld({ nodes: 1, env: { REDIS_URL: redis.url } })
    const dora = keep(await Device.login(lonely, 'dora'))
    const emil = keep(await Device.login(lonely, 'emil'))
    await dora.say('emil', 'anybody here?')
    await hears(emil, 'anybody here?')
    await cure()
    await dora.leave()
    await emil.leave()
    await lonely.stop()
  })
})

/** The founder tells a group that has just begun, and everybody hears it. */
async function foundGroup(founder: Device, others: readonly Device[], story: string): Promise<void> {
  const { data } = await founder.chat.createGroup({
    name: story,
    type: TYPES.GRP_WORK,
    memberList: others.map(({ userID }) => ({ userID })),
  })
  const text = `to all of ${story}`
  const message = founder.chat.createTextMessage({
    to: data.group.groupID,
    conversationType: TYPES.CONV_GROUP,
    payload: { text },
  })
  await founder.chat.sendMessage(message)
  for (const other of others) await hears(other, text)
}

function keep(device: Device): Device {
  devices.push(device)
  return device
}

async function login(userID: string, node: number): Promise<Device> {
  return keep(await Device.login(world, userID, { node }))
}

async function hears(device: Device, text: string): Promise<void> {
  await until(`${device.userID} hears "${text}"`, () => device.receivedTexts().includes(text), REPAIRED_MS)
}

async function harm(signal: 'SIGSTOP' | 'SIGKILL'): Promise<void> {
  cure = async () => {
    cure = WELL
    await (signal === 'SIGSTOP' ? redis.kill?.('SIGCONT') : redis.restart?.())
  }
  await redis.kill?.(signal)
}
