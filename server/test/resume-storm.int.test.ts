import { conversationTimeline, groupConversationId, userTimeline, type GroupId, type UserId } from '@hongyan/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { envToConfig } from '../src/config/config.ts'
import type { Db } from '../src/db/db.ts'
import { openFoundations } from '../src/foundations.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { startNode, type Node } from '../src/node.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase } from './kit/postgres.ts'
import { until } from './kit/until.ts'
import { openingOf, WireClient } from './kit/wire-client.ts'
import { SDK_APP_ID, SECRET } from './kit/world.ts'

const PARENTS = 300
const CLASSES = 10

interface Parent {
  readonly userId: string
  readonly loginKey: number
  readonly epoch: string
  readonly cursors: readonly { readonly timeline: string; readonly offset: number }[]
}

let database: Awaited<ReturnType<typeof createDatabase>>
let node: Node
let statements = 0
let parents: readonly Parent[]

const groupOf = (index: number): GroupId => `class_${index}` as GroupId
const endpoint = (): string => `http://127.0.0.1:${node.port}`

beforeAll(async () => {
  database = await createDatabase()
  const env = {
    HOST: '127.0.0.1',
    PORT: '0',
    SDKAPPID: String(SDK_APP_ID),
    SECRETKEY: SECRET,
    DATABASE_URL: database.url,
  }
  const settings = { ...env, WEB_PAGE: 'off', DRAIN_SECONDS: '0', MAX_OPENING_PER_ADDRESS: '10000' }
  const foundations = openFoundations(envToConfig(settings), database.url, silentLogger())
  const { send, sync, admin, search } = foundations.pools
  node = await startNode({
    ...foundations,
    pools: { send: counted(send), sync: counted(sync), admin: counted(admin), search },
  })
  parents = await enrol()
})
afterAll(async () => {
  await node.stop()
  await database.drop()
})

/** The same pool; what is asked of it is counted. */
function counted(db: Db): Db {
  return {
    ...db,
    query: (text, params) => {
      statements++
      return db.query(text, params)
    },
    transaction: (work, options) => {
      statements++
      return db.transaction(work, options)
    },
  }
}

/** Parents, each in all classes, who were connected and are not any more. */
async function enrol(): Promise<readonly Parent[]> {
  const userIds = Array.from({ length: PARENTS }, (_, index) => `p_${index}`)
  const teacher = await WireClient.open(endpoint(), 'teacher')
  for (let index = 0; index < CLASSES; index++) {
    const group = {
      groupId: groupOf(index),
      type: 'public',
      name: `class ${index}`,
      members: userIds.map((userId) => ({ userId })),
    }
    await teacher.request('group.create', { requestId: `r${index}`, ...group })
  }
  teacher.close()
  return Promise.all(userIds.map((userId) => come(userId)))
}

async function come(userId: string): Promise<Parent> {
  const client = await WireClient.connect(endpoint())
  const { loginKey } = await client.request('session.open', openingOf(userId))
  const { epoch, userOffset, conversations } = await client.request('sync.snapshot', {})
  client.close()
  const cursors = [
    ...conversations.map(({ conversationId, offset }) => ({ timeline: conversationTimeline(conversationId), offset })),
    { timeline: userTimeline(userId as UserId), offset: userOffset },
  ]
  return { userId, loginKey, epoch, cursors }
}

/** Everybody at once, as after a gateway was killed. */
async function comeBack(): Promise<readonly WireClient[]> {
  const clients = await Promise.all(parents.map(() => WireClient.connect(endpoint())))
  await Promise.all(
    clients.map(async (client, index) => {
      const parent = parents[index]
      if (!parent) throw new Error('nobody')
      await client.request('session.open', openingOf(parent.userId, { resume: parent.loginKey }))
      const { resets, gone } = await client.request('sync.resume', { epoch: parent.epoch, cursors: parent.cursors })
      expect([resets, gone]).toEqual([[], []])
    }),
  )
  return clients
}

/** Connected, and not yet let in. */
function atTheDoor(bodies: readonly object[]): Promise<readonly { client: WireClient; body: object }[]> {
  return Promise.all(bodies.map(async (body) => ({ client: await WireClient.connect(endpoint()), body })))
}

test('those who come back at the same time are looked up together: no query for each, none for an idle timeline', async () => {
  await until('everybody has gone', () => node.context.registry.connections === 0)
  statements = 0
  const clients = await comeBack()
  expect(clients.every((client) => client.pushes.length === 0)).toBe(true)
  // Account, place, epoch, conversations, heads twice: 1,800 of them one by one. 0.05 for each is the goal at 10,000.
  expect(statements).toBeLessThan(PARENTS / 2)
  for (const client of clients) client.close()
})

test('a notice that all of them missed is read for all of them together, and reaches each once', async () => {
  await until('everybody has gone', () => node.context.registry.connections === 0)
  const teacher = await WireClient.open(endpoint(), 'teacher')
  await teacher.request('message.send', {
    conversationId: groupConversationId(groupOf(3)),
    clientMsgId: 'notice',
    elements: [{ type: 'text', text: '明天春游' }],
  })
  teacher.close()
  await until('the teacher has gone', () => node.context.registry.connections === 0)
  statements = 0
  const clients = await comeBack()
  for (const client of clients) expect(client.pushes.map(({ entry }) => entry.kind)).toEqual(['message'])
  expect(statements).toBeLessThan(PARENTS / 2)
  for (const client of clients) client.close()
})

test('those who log in at the same time, and those who come for the first time, are let in together', async () => {
  await until('everybody has gone', () => node.context.registry.connections === 0)
  const known = parents.map(({ userId }) => openingOf(userId, { instanceId: 'another_phone' }))
  const unknown = Array.from({ length: PARENTS }, (_, index) => openingOf(`new_${index}`))
  const comers = await atTheDoor([...known, ...unknown])
  statements = 0
  const opened = await Promise.all(comers.map(({ client, body }) => client.request('session.open', body)))
  const logins = new Set(opened.map(({ loginKey }) => loginKey))
  expect(logins.size).toBe(2 * PARENTS)
  // Account, its making, admission, head: 2,400 of them one by one.
  expect(statements).toBeLessThan(PARENTS / 4)
  for (const { client } of comers) client.close()
})

test('of several logins of one user at the same moment one stays, also among many others', async () => {
  await until('everybody has gone', () => node.context.registry.connections === 0)
  const same = Array.from({ length: 5 }, (_, index) => openingOf('p_0', { instanceId: `phone_${index}` }))
  const others = parents.slice(1, 50).map(({ userId }) => openingOf(userId))
  const comers = await atTheDoor([...same, ...others])
  const clients = comers.map(({ client }) => client)
  await Promise.allSettled(comers.map(({ client, body }) => client.request('session.open', body)))
  await until('one is left of five', () => clients.slice(0, 5).filter(({ isOpen }) => isOpen).length === 1)
  expect(clients.slice(5).every(({ isOpen }) => isOpen)).toBe(true)
  const left = await withAdmin(database.url, (lane) =>
    lane.run(`SELECT 1 FROM login WHERE account_key = (SELECT key FROM account WHERE id = 'p_0')`),
  )
  expect(left.rows).toHaveLength(1)
  for (const client of clients) client.close()
})

test.each([
  ['account', `SELECT key FROM account WHERE id = 'p_30' FOR UPDATE`],
  ['login', `SELECT key FROM login WHERE account_key = (SELECT key FROM account WHERE id = 'p_30') FOR KEY SHARE`],
])('whose %s is held by somebody else keeps nobody else out', async (_what, lock) => {
  await until('everybody has gone', () => node.context.registry.connections === 0)
  const comers = await atTheDoor(parents.slice(0, 60).map(({ userId }) => openingOf(userId)))
  await withAdmin(database.url, async (lane) => {
    await lane.run('BEGIN')
    expect((await lane.run(lock)).rows).toHaveLength(1)
    const openings = comers.map(({ client, body }) => client.request('session.open', body))
    const late = openings[30]
    let isLateIn = false
    void late?.then(() => (isLateIn = true))
    await Promise.all(openings.filter((opening) => opening !== late))
    expect(isLateIn).toBe(false)
    await lane.run('ROLLBACK')
    await late
  })
  for (const { client } of comers) client.close()
})
