import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { TYPES } from '../../client-sdk/src/tim/types.ts'
import { AuditService } from '../src/audit/audit-service.ts'
import { checkStore } from '../src/backup/check-store.ts'
import type { Db } from '../src/db/db.ts'
import { systemClock } from '../src/kit/clock.ts'
import { systemRandom } from '../src/kit/random.ts'
import type { RetentionPolicy } from '../src/retention/retention-rules.ts'
import { RetentionService } from '../src/retention/retention-service.ts'
import { setRule } from '../src/retention/retention-writer.ts'
import { Announcer } from '../src/timelines/announcer.ts'
import { MemoryBroker } from '../src/broker/memory-broker.ts'
import { openDb } from './kit/backup-stage.ts'
import { Device } from './kit/device.ts'
import { conversationOf } from './kit/pair.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { until } from './kit/until.ts'
import { WireClient } from './kit/wire-client.ts'
import { startWorld, type World } from './kit/world.ts'

const DAY_MS = 86_400_000

let world: World
let db: Db
let story = 0
/** Nobody has talked in these conversations before. */
let names: { readonly alice: string; readonly bob: string }

beforeAll(async () => {
  world = await startWorld()
  db = openDb(world.databaseUrl)
})
afterAll(async () => {
  await db.close()
  await world.stop()
})
beforeEach(() => {
  story++
  names = { alice: `alice${story}`, bob: `bob${story}` }
})

async function sql<Row extends object>(text: string): Promise<readonly Row[]> {
  return withAdmin(world.databaseUrl, async (lane) => (await lane.run<Row>(text)).rows)
}

function timelineOf(): string {
  return `c:${conversationOf(names.alice, names.bob)}`
}

/** As if the messages up to this one had been sent long ago. */
async function age(timeline: string, upToSeq: number, days: number): Promise<void> {
  await sql(
    `UPDATE message SET sent_at_ms = sent_at_ms - ${days * DAY_MS}
      WHERE timeline_key = (SELECT key FROM timeline WHERE id = '${timeline}') AND seq <= ${upToSeq}`,
  )
}

async function removeExpired(
  policy: RetentionPolicy,
): Promise<{ readonly messages: number; readonly conversations: number }> {
  let removed = { messages: 0, conversations: 0 }
  const retention = new RetentionService({
    db,
    // Devices hear of it through the sweeper, as from another node without a broker.
    announcer: new Announcer(new MemoryBroker({ onFault: () => {} })),
    policy,
    clock: systemClock,
    onRemoved: (found) => (removed = found),
  })
  await retention.removeExpired(new AbortController().signal)
  return removed
}

const ONE_YEAR: RetentionPolicy = { days: 365, daysOf: new Map() }

/** Everything that must hold in a store holds, and the numbers are what counting gives. */
async function assertStoreIsRight(): Promise<void> {
  const results = await db.session((session) => checkStore(session, systemRandom), { deadlineMs: 60_000 })
  expect(results.filter(({ breaches }) => breaches > 0)).toEqual([])
  const { differences } = await new AuditService({ db, random: systemRandom }).audit(400)
  expect(differences).toEqual([])
}

function textsOf(messages: readonly { readonly payload: Readonly<Record<string, unknown>> }[]): readonly unknown[] {
  return messages.map(({ payload }) => payload['text'])
}

describe('messages older than they are kept', () => {
  test('are gone from histories, unread numbers and searches, and what is younger keeps its number', async () => {
    const [alice, bob] = [await Device.login(world, names.alice), await Device.login(world, names.bob)]
    for (let number = 1; number <= 30; number++) await alice.say(names.bob, `old ${number}`)
    await bob.say(names.alice, 'old answer')
    for (let number = 1; number <= 5; number++) await alice.say(names.bob, `young ${number}`)
    await until('all there', () => bob.received().length === 35)
    await age(timelineOf(), 31, 400)
    expect(await bob.unread(names.alice)).toBe(35)

    expect(await removeExpired(ONE_YEAR)).toEqual({ messages: 31, conversations: 1 })
    await assertStoreIsRight()
    // Those who are connected hear of it, too.
    await until('his number counts what is there', async () => (await bob.unread(names.alice)) === 5)
    const fresh = await Device.login(world, names.bob)
    expect(await fresh.unread(names.alice)).toBe(5)
    const history = await fresh.history(names.alice)
    expect(textsOf(history)).toEqual(['young 1', 'young 2', 'young 3', 'young 4', 'young 5'])
    expect(history.map(({ sequence }) => sequence)).toEqual([32, 33, 34, 35, 36])
    const found = await fresh.chat.searchCloudMessages({ keywordList: ['old'] })
    expect(found.data.totalCount).toBe(0)
    const seconds = Math.ceil(Date.now() / 1000)
    const young = await fresh.chat.searchCloudMessages({
      keywordList: ['young'],
      timePosition: seconds,
      timePeriod: 3_600,
    })
    expect(young.data.searchResultList.map(({ messageCount }) => messageCount)).toEqual([5])
    await fresh.chat.setMessageRead({ conversationID: `C2C${names.alice}` })
    expect(await fresh.unread(names.alice)).toBe(0)
    const next = await alice.say(names.bob, 'next')
    expect(next.sequence).toBe(37)
    await until('it goes on', () => bob.receivedTexts().includes('next'))
    await Promise.all([alice.leave(), bob.leave(), fresh.leave()])
    await assertStoreIsRight()
    expect(await removeExpired(ONE_YEAR)).toEqual({ messages: 0, conversations: 0 })
  })

  test('may be all there are: the conversation goes on with the next number', async () => {
    const [alice, bob] = [await Device.login(world, names.alice), await Device.login(world, names.bob)]
    for (let number = 1; number <= 3; number++) await alice.say(names.bob, `old ${number}`)
    await age(timelineOf(), 3, 400)
    await removeExpired(ONE_YEAR)
    await assertStoreIsRight()
    await until('he hears of it', async () => (await bob.unread(names.alice)) === 0)
    expect(await bob.history(names.alice)).toEqual([])
    expect((await alice.say(names.bob, 'next')).sequence).toBe(4)
    await until('it arrives', () => bob.receivedTexts().includes('next'))
    await Promise.all([alice.leave(), bob.leave()])
    await assertStoreIsRight()
  })

  test('send a device that was away before them back to a snapshot, and one that was not, on', async () => {
    const alice = await Device.login(world, names.alice)
    await alice.say(names.bob, 'old 1')
    const id = conversationOf(names.alice, names.bob)
    const wire = await WireClient.open(world.endpoint(), names.bob, { protocolVersion: 2 })
    const { epoch } = await wire.request('sync.snapshot', {})
    for (let number = 2; number <= 6; number++) await alice.say(names.bob, `old ${number}`)
    for (let number = 1; number <= 3; number++) await alice.say(names.bob, `young ${number}`)
    await age(timelineOf(), 6, 400)
    await removeExpired(ONE_YEAR)
    const timeline = timelineOf()
    const resume = async (offset: number): Promise<readonly string[]> => {
      const other = await WireClient.open(world.endpoint(), names.bob, { protocolVersion: 2, instanceId: `i${offset}` })
      const { resets } = await other.request('sync.resume', { epoch, cursors: [{ timeline, offset }] })
      other.close()
      return resets
    }
    expect(await resume(1)).toEqual([timeline])
    expect(await resume(6)).toEqual([])
    expect(await resume(8)).toEqual([])
    const pull = wire.request('sync.pull', { timeline, after: 2 })
    await expect(pull).rejects.toThrow('TOO_FAR_BEHIND')
    const { entries } = await wire.request('sync.pull', { timeline, after: 6 })
    expect(entries.map(({ offset }) => offset)).toEqual([7, 8, 9])
    expect(id).toBe(timeline.slice(2))
    wire.close()
    await alice.leave()
  })

  test('take with them what was changed, pinned, reacted to and shown', async () => {
    const alice = await Device.login(world, names.alice)
    const groupID = `class${story}`
    await alice.chat.createGroup({
      groupID,
      type: TYPES.GRP_PUBLIC,
      name: 'class',
      memberList: [{ userID: names.bob }],
    })
    const bob = await Device.login(world, names.bob)
    const say = async (text: string) => {
      const message = alice.chat.createTextMessage({
        to: groupID,
        conversationType: TYPES.CONV_GROUP,
        payload: { text },
      })
      return (await alice.chat.sendMessage(message)).data.message
    }
    const old = await say('secret one')
    await say('young')
    old.payload = { text: 'secret two' }
    await alice.chat.modifyMessage(old)
    const timeline = `c:group:${groupID}`
    const key = `(SELECT key FROM timeline WHERE id = '${timeline}')`
    await sql(`INSERT INTO pinned_message VALUES (${key}, ${old.sequence}, 1, 1)`)
    await sql(`INSERT INTO message_extension VALUES (${key}, ${old.sequence}, 'k', 'v')`)
    await sql(
      `INSERT INTO file (id, owner_key, kind, name, bytes, is_used) VALUES ('f${story}', 1, 'file', 'f', 1, true)`,
    )
    await sql(`INSERT INTO file_use VALUES ('f${story}', ${key}, ${old.sequence})`)
    await age(timeline, old.sequence, 400)
    expect(await removeExpired({ days: 0, daysOf: new Map([['public', 100]]) })).toMatchObject({ conversations: 1 })
    const left = await sql(`SELECT body::text FROM message WHERE timeline_key = ${key} AND body::text LIKE '%secret%'
                  UNION ALL SELECT body::text FROM entry WHERE body::text LIKE '%secret%'`)
    expect(left).toEqual([])
    expect(await sql(`SELECT 1 FROM file_use WHERE file_id = 'f${story}'`)).toEqual([])
    await assertStoreIsRight()
    expect(
      await bob.chat
        .getMessageList({ conversationID: `GROUP${groupID}` })
        .then(({ data }) => textsOf(data.messageList)),
    ).toEqual(['young'])
    await Promise.all([alice.leave(), bob.leave()])
  })

  test('stay where their conversation is held, or has a rule of its own; and are counted without being removed', async () => {
    const alice = await Device.login(world, names.alice)
    for (let number = 1; number <= 4; number++) await alice.say(names.bob, `old ${number}`)
    await alice.leave()
    const timeline = timelineOf() as Parameters<typeof setRule>[1]
    await age(timeline, 3, 400)
    const rule = (what: Parameters<typeof setRule>[2]): Promise<boolean> =>
      db.transaction((tx) => setRule(tx, timeline, what))
    expect(await rule({ heldBecause: 'case 7' })).toBe(true)
    expect(await removeExpired(ONE_YEAR)).toEqual({ messages: 0, conversations: 0 })
    await rule({ heldBecause: null, days: 500 })
    expect(await removeExpired(ONE_YEAR)).toEqual({ messages: 0, conversations: 0 })
    await rule({ days: null })
    expect(await sql('SELECT 1 FROM retention_rule')).toEqual([])
    const dry = new RetentionService({
      db,
      announcer: { announceAll: () => {} },
      policy: ONE_YEAR,
      clock: systemClock,
      onRemoved: () => {},
    })
    const found = []
    for await (const would of dry.wouldGo()) found.push(would)
    expect(found).toEqual([{ timeline, messages: 3, files: 0 }])
    expect(await removeExpired(ONE_YEAR)).toEqual({ messages: 3, conversations: 1 })
  })

  test('go while others talk: no send fails, and the numbers stay right', async () => {
    const [alice, bob] = [await Device.login(world, names.alice), await Device.login(world, names.bob)]
    await alice.say(names.bob, 'first')
    const key = `(SELECT key FROM timeline WHERE id = '${timelineOf()}')`
    await sql(
      `INSERT INTO message (timeline_key, seq, "offset", sender_key, client_msg_id, fingerprint, sent_at_ms, countable, flags, body)
       SELECT timeline_key, n, n, sender_key, 'made' || n, 0, n, n, 0, body FROM message, generate_series(2, 3000) AS n
        WHERE timeline_key = ${key} AND seq = 1`,
    )
    await sql(`UPDATE timeline SET last_seq = 3000, last_offset = 3000, last_countable = 3000 WHERE key = ${key}`)
    await sql(`UPDATE member SET own = 3000 WHERE timeline_key = ${key} AND own = 1`)
    await age(timelineOf(), 1, 400)
    const removing = removeExpired(ONE_YEAR)
    let isRemoving = true
    const removed = removing.finally(() => (isRemoving = false))
    let sent = 0
    while (isRemoving || sent < 20) {
      await Promise.all([alice.say(names.bob, `a${sent}`), bob.say(names.alice, `b${sent}`)])
      sent++
    }
    expect(await removed).toMatchObject({ messages: 3000 })
    await assertStoreIsRight()
    expect(await sql(`SELECT last_seq AS last FROM timeline WHERE key = ${key}`)).toEqual([{ last: 3000 + 2 * sent }])
    await Promise.all([alice.leave(), bob.leave()])
  })
})
