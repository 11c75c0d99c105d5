import { readFileSync } from 'node:fs'
import { COMMANDS, groupConversationId, LIMITS, type CommandName, type GroupId } from '@hongyan/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Pair, refusalOf } from './kit/pair.ts'
import { startWorld, type World } from './kit/world.ts'

interface Golden {
  readonly frame: { readonly command: CommandName; readonly body: object }
}

const GOLDEN = JSON.parse(
  readFileSync(new URL('../../protocol/src/fixtures/requests.json', import.meta.url), 'utf8'),
) as readonly Golden[]
const ASKED = GOLDEN.map(({ frame }) => frame).filter(({ command }) => !command.startsWith('session.'))

const GROUP_ID = 'class7B'
const NUMBERS = [1e9, -1, -1e9, 2 ** 31, Number.MAX_SAFE_INTEGER, 1e308]
const LONG = ['x'.repeat(50_000), '汉'.repeat(17_000), '%'.repeat(30_000)]
/** An answer is never longer than a page of a snapshot. */
const ANSWER_BYTES = LIMITS.snapshotBytes + 4096

let world: World
let pair: Pair

beforeAll(async () => {
  world = await startWorld()
  pair = await Pair.meet(world)
  // What the golden requests are about is there, so that they are refused for what they ask, or served.
  await pair.anna.request('group.create', {
    requestId: 'r1',
    groupId: GROUP_ID,
    type: 'public',
    name: '7B',
    members: [{ userId: 'bert' }],
  })
  const conversationId = groupConversationId(GROUP_ID as GroupId)
  for (let n = 0; n < 60; n++) {
    await pair.anna.request('message.send', pair.draftOf({ type: 'text', text: `${n}` }, { conversationId }))
  }
})
afterAll(async () => {
  pair.close()
  await world.stop()
})

/** The body, once for each value in it, with this value replaced by what `huge` makes of it. */
function* variants(body: object, huge: (value: unknown) => readonly unknown[]): Generator<object> {
  for (const [key, value] of Object.entries(body)) {
    const put = (changed: unknown): object =>
      Array.isArray(body)
        ? body.map((one: unknown, at) => (String(at) === key ? changed : one))
        : { ...body, [key]: changed }
    for (const changed of huge(value)) yield put(changed)
    if (typeof value === 'object' && value !== null) for (const inner of variants(value, huge)) yield put(inner)
  }
}

/** So many of what is in the list, no two alike, as far as a frame can hold them. */
function lengthened(list: readonly unknown[]): readonly unknown[] {
  const [first] = list
  const json = JSON.stringify(first ?? 'x')
  const separators = json.split(/[,:[{]/).length
  const count = Math.min(Math.floor(50_000 / (Buffer.byteLength(json) + 8)), Math.floor(3_500 / separators))
  return Array.from({ length: count }, (_, n) => {
    if (typeof first === 'number') return n + 1
    if (typeof first === 'object') return first
    return `${typeof first === 'string' ? first.slice(0, 20) : 'x'}${n}`
  })
}

/** What the server says to all of them; none may shake it. */
async function answersTo(command: CommandName, bodies: Iterable<object>): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const body of bodies) {
    const json = JSON.stringify(body)
      .replaceAll('p_3001:t_2001', 'anna:bert')
      .replaceAll('group:%40TGS%23class7B', `group:${GROUP_ID}`)
      .replaceAll('@TGS#class7B', GROUP_ID)
    const answer = pair.anna.request(command, JSON.parse(json))
    names.add(await refusalOf(answer))
    const last = pair.anna.frames.findLast((frame) => frame.type === 'reply' || frame.type === 'error')
    expect(Buffer.byteLength(JSON.stringify(last))).toBeLessThan(ANSWER_BYTES)
  }
  return names
}

describe('S-R2: whatever is asked for too much of is refused or cut short, and the next is served as ever', () => {
  const cases = [...new Set(ASKED.map(({ command }) => command))].map(
    (command) => [command, ASKED.filter((frame) => frame.command === command).map(({ body }) => body)] as const,
  )

  test('every command is asked', () => {
    const names = Object.keys(COMMANDS).filter((name) => !name.startsWith('session.'))
    expect(cases.map(([command]) => command).toSorted()).toEqual(names.toSorted())
  })

  test.each(cases)('%s', async (command, bodies) => {
    for (const body of bodies) {
      const numbers = variants(body, (value) => (typeof value === 'number' ? NUMBERS : []))
      const texts = variants(body, (value) => (typeof value === 'string' ? LONG : []))
      const lists = [...variants(body, (value) => (Array.isArray(value) ? [lengthened(value)] : []))]
      const seen = new Set([
        ...(await answersTo(command, numbers)),
        ...(await answersTo(command, texts)),
        ...(await answersTo(command, lists)),
      ])
      for (const name of ['INTERNAL', 'BUSY']) expect([...seen]).not.toContain(name)
    }
    await pair.say({ type: 'text', text: `after ${command}` })
    expect(pair.anna.isOpen).toBe(true)
  })

  test.each([
    ['message.history', 'limit'],
    ['sync.pull', 'limit'],
    ['group.members', 'limit'],
    ['receipt.readers', 'limit'],
    ['reaction.users', 'limit'],
    ['search.messages', 'limit'],
    ['search.users', 'limit'],
    ['search.groups', 'limit'],
    ['search.members', 'limit'],
  ] as const)('a page of %s is never longer than it may be, whatever %s says', async (command, field) => {
    const [frame] = ASKED.filter((one) => one.command === command)
    for (const limit of [1e9, -1, 0, 1.5, 101]) {
      const body = { ...frame?.body, [field]: limit }
      expect([...(await answersTo(command, [body]))]).toEqual(['BAD_REQUEST'])
    }
  })

  test('a list that is too long by one is refused before anything of it is looked at', async () => {
    const users = (count: number): string[] => Array.from({ length: count }, (_, n) => `u${n}`)
    const cursors = (count: number): object[] =>
      users(count).map((name) => ({ timeline: `c:c2c:anna:${name}`, offset: 0 }))
    const { epoch } = await pair.anna.request('sync.snapshot', {})
    const groupId = 'nobody'
    const asks: readonly (readonly [CommandName, object])[] = [
      ['profile.get', { userIds: users(LIMITS.profilesPerRequest + 1) }],
      ['sync.resume', { epoch, cursors: cursors(LIMITS.cursorsPerResume + 1) }],
      ['group.invite', { groupId, userIds: users(LIMITS.membersPerRequest + 1) }],
      ['group.kick', { groupId, userIds: users(LIMITS.membersPerRequest + 1) }],
      ['group.findMembers', { groupId, userIds: users(LIMITS.memberProfilesPerRequest + 1) }],
      ['group.find', { groupIds: users(LIMITS.groupsPerRequest + 1) }],
    ]
    for (const [command, body] of asks) {
      expect([command, await refusalOf(pair.anna.request(command, body))]).toEqual([command, 'BAD_REQUEST'])
    }
    expect(
      (await pair.anna.request('profile.get', { userIds: users(LIMITS.profilesPerRequest) })).profiles,
    ).toBeDefined()
  })
})
