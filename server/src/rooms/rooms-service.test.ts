import {
  conversationTimeline,
  groupConversationId,
  type GroupId,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { silentLogger } from '../kit/logger.ts'
import { systemRandom } from '../kit/random.ts'
import type { Control } from '../timelines/payload.ts'
import { RoomsService, type Guest } from './rooms-service.ts'

const ROOM = 'lesson' as GroupId

/** What was announced: tips with the number they tell, and what other nodes are told. */
interface Announced {
  readonly tips: [op: string, memberCount: number][]
  readonly controls: Control[]
}

/** A room that everybody may enter, over a database that knows of nothing else. */
function openRoom({ tips, controls }: Announced = { tips: [], controls: [] }, clock = new ManualClock()): RoomsService {
  const group = { type: 'live', timelineKey: 1, groupId: ROOM, ownerKey: 1, maxMembers: 10_000, dismissedAtMs: null }
  return new RoomsService({
    db: { query: (sql: string) => Promise.resolve(sql.includes('FROM chat_group') ? [group] : []) } as never,
    log: { heads: () => Promise.resolve([]) } as never,
    directory: { find: () => Promise.resolve({ timelineKey: 1 }) } as never,
    announcer: {
      announceVolatile: (_timeline: TimelineId, { message }: { message: { elements: { tip: never }[] } }) =>
        tips.push(...message.elements.map(({ tip: { op, memberCount } }): [string, number] => [op, memberCount])),
      announceControl: (_timeline: TimelineId, control: Control) => controls.push(control),
    } as never,
    clock,
    random: systemRandom,
    logger: silentLogger(),
    maxVisitors: 10_000,
  })
}

function guest(accountKey: number): Guest {
  const following = { hold: () => Promise.resolve(), release: () => Promise.resolve(), drop: () => {} }
  const userId = `v${accountKey}` as UserId
  return { userId, accountKey, loginKey: accountKey, nick: '', avatar: '', following, onEnd: () => () => {} }
}

async function fill(rooms: RoomsService, visitors: number): Promise<void> {
  for (let key = 2; key < 2 + visitors; key++) await rooms.join(guest(key), ROOM)
}

/** How many of a hundred messages said at once the room takes. */
async function taken(rooms: RoomsService, priority?: 'high'): Promise<number> {
  const said = await Promise.allSettled(
    Array.from({ length: 100 }, () => rooms.assertMaySpeak(guest(2), ROOM, priority)),
  )
  return said.filter(({ status }) => status === 'fulfilled').length
}

test.each([
  { visitors: 1, messages: 80 },
  { visitors: 1_000, messages: 80 },
  { visitors: 5_000, messages: 16 },
])('of what $visitors visitors say at once $messages messages pass, and all that matter', async (room) => {
  const rooms = openRoom()
  await fill(rooms, room.visitors)
  expect(await taken(rooms)).toBe(room.messages)
  expect(await taken(rooms, 'high')).toBe(100)
})

test('who leaves last on a node says so to the others at once, and nothing of the room is kept', async () => {
  const announced: Announced = { tips: [], controls: [] }
  const rooms = openRoom(announced)
  const visitor = guest(2)
  await rooms.join(visitor, ROOM)
  rooms.obey(conversationTimeline(groupConversationId(ROOM)), {
    kind: 'room-count',
    nodeId: 'other',
    count: 3,
    latest: [],
  })
  expect(await rooms.count(ROOM)).toBe(4)
  await rooms.quit(visitor, ROOM)
  expect(announced.tips).toEqual([
    ['joined', 1],
    ['quit', 3],
  ])
  expect(announced.controls).toMatchObject([{ kind: 'room-asked' }, { kind: 'room-count', count: 0 }])
  expect(await rooms.count(ROOM)).toBe(0)
})

test('the first visitor on a node finds out at once who is there on others, and they hear of him soon', async () => {
  const clock = new ManualClock()
  const [said, heard]: [Announced, Announced] = [
    { tips: [], controls: [] },
    { tips: [], controls: [] },
  ]
  const [near, far] = [openRoom(said, clock), openRoom(heard, clock)]
  const timeline = conversationTimeline(groupConversationId(ROOM))
  const carry = (): void => {
    for (const control of said.controls.splice(0)) far.obey(timeline, control)
    for (const control of heard.controls.splice(0)) near.obey(timeline, control)
  }
  await fill(far, 3)
  await clock.pass(250)
  carry()
  const late = guest(9)
  await near.join(late, ROOM)
  carry()
  carry()
  expect(await near.count(ROOM)).toBe(4)
  expect(await far.count(ROOM)).toBe(3)
  await clock.pass(250)
  carry()
  expect(await far.count(ROOM)).toBe(4)
  const names = async (rooms: RoomsService) => (await rooms.visitors(late, ROOM))?.map(({ userId }) => userId).sort()
  expect(await names(near)).toEqual(['v2', 'v3', 'v4', 'v9'])
  await near.quit(late, ROOM)
  carry()
  expect(await far.count(ROOM)).toBe(3)
})

test('a thousand who come at once are told of together', async () => {
  const clock = new ManualClock()
  const announced: Announced = { tips: [], controls: [] }
  const rooms = openRoom(announced, clock)
  await fill(rooms, 1_000)
  await clock.pass(250)
  expect(announced.controls.map(({ kind }) => kind)).toEqual(['room-asked', 'room-count'])
  expect(announced.controls[1]).toMatchObject({ count: 1_000 })
  expect(announced.controls[1]).toHaveProperty('latest.length', 30)
})
