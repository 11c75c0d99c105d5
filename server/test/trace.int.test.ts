import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLI_COMMANDS } from '../src/cli/index.ts'
import { runCommand } from '../src/cli/run-command.ts'
import type { Environment } from '../src/config/config.ts'
import type { FoundTrace, MemberTrace, MissingTrace, Trace } from '../src/trace/trace.ts'
import { Device } from './kit/device.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { startRedis, type RedisServer } from './kit/redis.ts'
import { until } from './kit/until.ts'
import { follow, foundGroup, say, type WireGroup } from './kit/wire-group.ts'
import { startWorld, type World } from './kit/world.ts'

// `hongyan trace`, as the help desk types it, beside a server that runs.

const WORDS = 'Zq7 nobody but the two may read this'
let world: World
let redis: RedisServer | undefined
let dataDir: string

beforeAll(async () => {
  redis = await startRedis()
  dataDir = mkdtempSync(join(tmpdir(), 'hongyan-trace-'))
  world = await startWorld(redis ? { env: { REDIS_URL: redis.url } } : {})
})
afterAll(async () => {
  await world.stop()
  await redis?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function hongyan(args: readonly string[], env: Environment = {}) {
  const said: { out: string; err: string } = { out: '', err: '' }
  const code = await runCommand(CLI_COMMANDS, args, {
    environment: {
      DATABASE_URL: world.databaseUrl,
      DATA_DIR: dataDir,
      ...(redis ? { REDIS_URL: redis.url } : {}),
      ...env,
    },
    out: (text) => void (said.out += `${text}\n`),
    err: (text) => void (said.err += `${text}\n`),
  })
  return { code, ...said }
}

async function trace(...args: readonly string[]): Promise<FoundTrace> {
  const { code, out, err } = await hongyan(['trace', ...args, '--json'])
  expect([code, err]).toEqual([0, ''])
  const found = JSON.parse(out) as Trace
  if (!found.found) throw new Error('it was not found')
  return found
}

function memberOf({ members }: FoundTrace, userId: string): MemberTrace {
  const found = members.find((member) => member.userId === userId)
  if (!found) throw new Error(`${userId} is not listed`)
  return found
}

describe('a message between two', () => {
  let anna: Device
  let bert: Device
  let id: string
  beforeAll(async () => {
    anna = await Device.login(world, 'anna')
    bert = await Device.login(world, 'bert', { device: 'wx' as never })
    id = (await anna.say('bert', WORDS)).ID
    await until('Bert has it', () => bert.receivedTexts().length === 1)
  })
  afterAll(async () => {
    await anna.leave()
    await bert.leave()
  })

  test('is found by the ID that the application shows, and by all its other names', async () => {
    const found = await trace(id)
    expect(found.message).toMatchObject({
      id,
      conversationId: 'c2c:anna:bert',
      conversationType: 'c2c',
      seq: 1,
      senderId: 'anna',
      receiverIds: null,
    })
    expect(Math.abs(found.message.storedAtMs - Date.now())).toBeLessThan(60_000)
    expect(found.since).toMatchObject({ messages: 0 })
    const { clientMsgId } = found.message
    for (const name of [
      ['c2c:anna:bert', '1'],
      ['C2Cbert', '1', '--user', 'anna'],
      ['--sender', 'anna', '--client-id', clientMsgId],
    ]) {
      expect((await trace(...name)).message).toEqual(found.message)
    }
  })

  test('tells who has read it, from when he has', async () => {
    expect(memberOf(await trace(id), 'bert')).toMatchObject({ canSee: true, hasRead: false, wasMemberWhenSent: true })
    await bert.chat.setMessageRead({ conversationID: 'C2Canna' })
    const read = await until('he has read it', async () => {
      const found = await trace(id)
      return found.counts.haveRead === 1 ? found : undefined
    })
    const { readMarkMovedAtMs, hasRead } = memberOf(read, 'bert')
    expect(hasRead).toBe(true)
    expect(Math.abs((readMarkMovedAtMs ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  test('tells which devices are signed in, and which of them are connected', async ({ skip }) => {
    if (!redis) return skip()
    const before = await trace(id)
    expect(before.isPresenceKnown).toBe(true)
    expect(memberOf(before, 'bert').devices).toMatchObject([{ device: 'wx', isConnected: true }])
    expect(['soon', 'pushed']).toContain(memberOf(before, 'bert').devices[0]?.handed)
    expect(before.sender.devices).toMatchObject([{ device: 'node', isConnected: true }])
    // Signed in without a connection: it waits for him.
    await withAdmin(world.databaseUrl, (lane) =>
      lane.run(
        `INSERT INTO login (account_key, device, instance_id) SELECT key, 'web', 'gone' FROM account WHERE id = 'bert'`,
      ),
    )
    const devices = memberOf(await trace(id), 'bert').devices
    expect(devices.find(({ device }) => device === 'web')).toMatchObject({ isConnected: false, handed: 'waits' })
  })

  test('a message that is old enough was pushed to whoever is connected', async ({ skip }) => {
    if (!redis) return skip()
    const { ID } = await anna.say('bert', 'older')
    await withAdmin(world.databaseUrl, (lane) =>
      lane.run(`UPDATE message SET sent_at_ms = sent_at_ms - 60000 WHERE seq = 2`),
    )
    expect(memberOf(await trace(ID), 'bert').devices.find(({ device }) => device === 'wx')?.handed).toBe('pushed')
  })

  test('without Redis who is connected is not known, and that is said', async () => {
    const { code, out } = await hongyan(['trace', id, '--json'], { REDIS_URL: '' })
    const found = JSON.parse(out) as FoundTrace
    expect([code, found.isPresenceKnown]).toEqual([0, false])
    expect(memberOf(found, 'bert').devices[0]).toMatchObject({ isConnected: null, handed: 'unknown' })
    expect((await hongyan(['trace', id], { REDIS_URL: '' })).out).toContain('是否在线未知')
    // A Redis that does not answer is no Redis; the answer comes all the same.
    expect((await hongyan(['trace', id, '--lang', 'en'], { REDIS_URL: 'redis://127.0.0.1:9' })).out).toContain(
      'not known whether it is connected',
    )
  })

  test('is told in Chinese, and in English where the system or the asker speaks it', async () => {
    const chinese = await hongyan(['trace', id])
    expect(chinese.out).toMatch(/消息 \d+-\d+-\d+\n {2}已存储 {2}\d{4}-\d\d-\d\d /)
    expect(chinese.out).toContain('bert  可见,已读')
    const english = await hongyan(['trace', id, '--lang', 'en'])
    expect(english.out).toContain('bert  can see it, has read it')
    expect((await hongyan(['trace', id], { LANG: 'en_GB.UTF-8' })).out).toBe(english.out)
    expect((await hongyan(['trace', id, '--lang', 'de'])).code).toBe(2)
  })

  test('its content is shown to nobody who does not ask for it and say why, and that is written down', async () => {
    for (const args of [[id], [id, '--json'], [id, '--lang', 'en']]) {
      expect((await hongyan(['trace', ...args])).out).not.toContain('Zq7')
    }
    expect(await hongyan(['trace', id, '--with-content'])).toMatchObject({ code: 2, out: '' })
    expect((await hongyan(['trace', id, '--with-content', '--reason', 'ticket 17'])).out).toContain(WORDS)
    const file = join(dataDir, 'audit.log')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const [line, ...more] = readFileSync(file, 'utf8').trim().split('\n')
    expect(more).toEqual([])
    expect(JSON.parse(line ?? '')).toMatchObject({ event: 'message-content-read', message: id, reason: 'ticket 17' })
    expect(line).not.toContain('Zq7')
  })

  test('where it cannot be written down, nothing is shown', async () => {
    const inTheWay = join(dataDir, 'audit.log', 'no folder')
    const answer = await hongyan(['trace', id, '--with-content', '--reason', 'ticket 18'], { DATA_DIR: inTheWay })
    expect(answer).toMatchObject({ code: 2, out: '' })
  })

  test('edited, deleted for oneself, revoked: each is told', async () => {
    const { ID, sequence } = await anna.say('bert', 'wrong')
    await bert.chat.deleteMessage([
      await until('Bert has it', () => bert.received().find((message) => message.ID === ID)),
    ])
    const deleted = await trace(ID)
    expect(memberOf(deleted, 'bert')).toMatchObject({ canSee: false, hiddenBecause: 'deleted' })
    expect(deleted.counts).toMatchObject({ members: 2, canSee: 1, deleted: 1 })
    const mine = (await anna.history('bert')).find((message) => message.ID === ID)
    if (!mine) throw new Error('it is not in the history')
    await anna.chat.revokeMessage(mine)
    const revoked = await trace('c2c:anna:bert', String(sequence))
    expect(revoked.state.revoked).toMatchObject({ by: 'anna' })
    expect((await hongyan(['trace', ID])).out).toMatch(/被 anna 撤回,内容已清除/)
    const shown = JSON.parse(
      (await hongyan(['trace', ID, '--json', '--with-content', '--reason', 'x'])).out,
    ) as FoundTrace
    expect(JSON.stringify(shown.content)).not.toContain('wrong')
  })
})

describe('a message in a group', () => {
  let group: WireGroup
  beforeAll(async () => {
    group = await foundGroup(world, 'work', ['owner', 'reader', 'other'])
  })
  afterAll(() => {
    for (const client of group.clients) client.close()
  })

  test('tells who may see it, who sent a receipt, and who came later', async () => {
    const { owner, conversationId, clients, groupId } = group
    const seq = await say(owner, conversationId, WORDS, { needsReceipt: true })
    await clients[1]?.request('receipt.send', { conversationId, seqs: [seq] })
    await owner.request('group.invite', { groupId, userIds: ['late'] })
    const late = await follow(world, 'late')
    const aside = await say(owner, conversationId, 'aside', { receiverIds: ['reader'] })
    const found = await trace(`GROUP${groupId}`, String(seq))
    expect(found.message).toMatchObject({ conversationType: 'group', groupType: 'work', wantsReceipts: true })
    expect(found.counts).toMatchObject({ members: 4, receipts: 1 })
    expect(memberOf(found, 'reader')).toMatchObject({ hasSentReceipt: true, canSee: true })
    expect(memberOf(found, 'other')).toMatchObject({ hasSentReceipt: false, canSee: true })
    expect(memberOf(found, 'late')).toMatchObject({
      canSee: false,
      hiddenBecause: 'before-joining',
      wasMemberWhenSent: false,
      devices: [{ handed: 'never' }],
    })
    late.close()
    const forOne = await trace(`GROUP${groupId}`, String(aside))
    expect(forOne.message.receiverIds).toEqual(['reader'])
    expect(memberOf(forOne, 'other')).toMatchObject({ canSee: false, hiddenBecause: 'not-a-receiver', hasRead: false })
    expect(memberOf(forOne, 'other').devices.map(({ handed }) => handed)).toEqual(['never'])
    expect(memberOf(forOne, 'reader').canSee).toBe(true)
    const few = await trace(`GROUP${groupId}`, String(seq), '--members', '1')
    expect([few.unlisted, few.counts.members]).toEqual([3, 4])
  })
})

describe('a message that is not there', () => {
  test.each([
    [['999999-1-1'], '没有这个发送者'],
    [['c2c:anna:bert', '9999'], '最后一条消息的序号是'],
    [['--sender', 'anna', '--client-id', 'never-sent'], '没有到达服务器'],
  ])('%j: %s', async (args, expected) => {
    const { code, out } = await hongyan(['trace', ...args])
    expect(code).toBe(1)
    expect(out).toContain(expected)
    const asJson = JSON.parse((await hongyan(['trace', ...args, '--json'])).out) as MissingTrace
    expect(asJson.found).toBe(false)
  })

  test.each([[[]], [['x']], [['c2c:anna:bert', 'x']], [['C2Canna', '1']], [['1-1', '2', '3']], [['--sender', 'anna']]])(
    '%j is no question',
    async (args) => {
      expect(await hongyan(['trace', ...args])).toMatchObject({ code: 2, out: '' })
    },
  )
})
