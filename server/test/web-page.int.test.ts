import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { groupConversationId, type GroupId } from '@hongyan/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { DEMO_ACCOUNTS } from '../src/demo-people.ts'
import { foundDemoSchool } from '../src/demo-school.ts'
import { follow } from './kit/wire-group.ts'
import { startWorld, type World } from './kit/world.ts'

const PAGE = fileURLToPath(new URL('../../web-demo/dist/index.html', import.meta.url))
const CLASS = 'class_3_2' as GroupId
let world: World | undefined
afterEach(() => world?.stop())

async function start(env: Readonly<Record<string, string>>): Promise<World> {
  world = await startWorld({ env })
  return world
}

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${world?.endpoint() ?? ''}${path}`, { headers })
}

describe('what a page asks before anybody is signed in', () => {
  test('in production: the application’s number, nobody to be, and no signatures', async () => {
    await start({ DEMO: 'off' })
    expect(await (await get('/im/about')).json()).toEqual({ sdkAppID: 1400000000, demoUsers: [] })
    expect((await get('/im/usersig?userID=t_2001')).status).toBe(404)
    expect((await get('/')).status).toBe(404)
  })

  test('in demo mode: people to be, and their signatures', async () => {
    await start({ DEMO: 'on' })
    const { demoUsers } = (await (await get('/im/about')).json()) as { demoUsers: object[] }
    expect(demoUsers).toContainEqual({ userID: 't_2001', nick: '王老师', role: 'teacher' })
    expect(await (await get('/im/usersig?userID=t_2001')).json()).toMatchObject({ userID: 't_2001' })
    expect((await get('/im/usersig?userID=')).status).toBe(400)
  })
})

describe.skipIf(!existsSync(PAGE))('the page', () => {
  test('forbids everything that is not its own, is never stale, and its assets never change', async () => {
    await start({ WEB_PAGE: 'on' })
    const page = await get('/')
    expect(page.headers.get('content-security-policy')).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'",
    )
    expect(page.headers.get('cache-control')).toBe('no-cache')
    const [script] = /assets\/index-[^"]+\.js/.exec(await page.text()) ?? []
    const asset = await get(`/${script ?? ''}`, { 'accept-encoding': 'br' })
    expect(asset.headers.get('content-type')).toContain('javascript')
    expect(asset.headers.get('content-encoding')).toBe('br')
    expect(asset.headers.get('cache-control')).toContain('immutable')
    expect((await get('/sdk/umd/hongyan.js')).status).toBe(200)
    expect((await get('/..%2f..%2fpackage.json')).status).toBeGreaterThanOrEqual(400)
  })
})

describe('the demo school', () => {
  test('is founded once, however often the server starts', async () => {
    const { nodes } = await start({ DEMO: 'on' })
    const node = nodes[0]
    if (!node) throw new Error('no node')
    await node.context.services.accounts.create(DEMO_ACCOUNTS)
    for (let starts = 0; starts < 3; starts++) await foundDemoSchool(node.context)
    const teacher = await follow(world as World, 't_2001')
    const { members } = await teacher.request('group.members', { groupId: CLASS, limit: 100 })
    expect(members.map(({ userId, role }) => [userId, role])).toEqual([
      ['t_2001', 'owner'],
      ['t_2002', 'admin'],
      ['p_1001', 'member'],
      ['p_1002', 'member'],
      ['p_1003', 'member'],
    ])
    const said = await teacher.request('message.history', {
      conversationId: groupConversationId(CLASS),
      direction: 'older',
      limit: 50,
    })
    const texts = said.messages.filter(({ elements }) => elements[0]?.type === 'text')
    expect(texts.map(({ senderId, senderNick }) => [senderId, senderNick])).toEqual([
      ['t_2001', '王老师'],
      ['p_1001', '小明妈妈'],
      ['p_1002', '小红爸爸'],
      ['t_2002', '李老师'],
    ])
    await teacher.request('group.dismiss', { groupId: CLASS })
    await foundDemoSchool(node.context)
    expect(await teacher.request('group.find', { groupIds: [CLASS] })).toEqual({ groups: [] })
  })
})
