import type { GroupId, UserId } from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { silentLogger } from '../kit/logger.ts'
import { systemRandom } from '../kit/random.ts'
import { RoomsService, type Guest } from './rooms-service.ts'

const ROOM = 'lesson' as GroupId

/** A room that everybody may enter, over a database that knows of nothing else. */
function openRoom(): RoomsService {
  const group = { type: 'live', timelineKey: 1, groupId: ROOM, ownerKey: 1, maxMembers: 10_000, dismissedAtMs: null }
  return new RoomsService({
    db: { query: (sql: string) => Promise.resolve(sql.includes('FROM chat_group') ? [group] : []) } as never,
    log: { heads: () => Promise.resolve([]) } as never,
    directory: { find: () => Promise.resolve({ timelineKey: 1 }) } as never,
    announcer: { announceVolatile: () => {}, announceControl: () => {} } as never,
    clock: new ManualClock(),
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
