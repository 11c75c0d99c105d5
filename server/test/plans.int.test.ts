import { afterAll, beforeAll, expect, test } from 'vitest'
import { Device } from './kit/device.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { until } from './kit/until.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

/** Rows read by going through whole tables, per table that grows with the messages. */
async function rowsReadInSequence(): Promise<readonly { relname: string; rows: number }[]> {
  const { rows } = await withAdmin(world.databaseUrl, (lane) =>
    lane.run<{ relname: string; rows: number }>(
      `SELECT relname, seq_tup_read AS rows FROM pg_stat_user_tables
        WHERE relname IN ('message', 'entry', 'timeline', 'member', 'account', 'deleted_message', 'chat_group') AND seq_tup_read > 0`,
    ),
  )
  return rows
}

test('no statement goes through a whole table, though every plan was made while the tables were empty', async () => {
  const teacher = await Device.login(world, 'teacher')
  const parent = await Device.login(world, 'parent')
  for (let number = 1; number <= 60; number++) await teacher.say('parent', String(number))
  await until('all', () => parent.received().length === 60)
  await parent.chat.setMessageRead({ conversationID: 'C2Cteacher' })
  await parent.history('teacher')
  await parent.chat.getMessageListHopping({ conversationID: 'C2Cteacher', time: Date.now() / 1000, direction: 0 })
  await teacher.chat.revokeMessage(await teacher.say('parent', 'slip'))
  for (const options of [{}, { conversationID: 'C2Cparent' }, { timePosition: 1, timePeriod: 1 }]) {
    await teacher.chat.searchCloudMessages({ keywordList: ['1'], ...options })
  }
  await teacher.chat.searchCloudUsers({ keywordList: ['p'] })
  await teacher.chat.searchCloudGroups({ keywordList: ['p'] })
  await teacher.chat.searchCloudGroupMembers({ keywordList: ['p'] })
  await Device.login(world, 'parent').then((other) => other.leave())
  await Promise.all([teacher.leave(), parent.leave()])
  // A connection reports its numbers at its end, at the latest.
  await Promise.all(world.nodes.map((node) => node.stop()))
  expect(await rowsReadInSequence()).toEqual([])
})
