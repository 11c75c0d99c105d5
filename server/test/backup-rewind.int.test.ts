import { afterAll, beforeAll, expect, test } from 'vitest'
import { LedgerDevice } from './kit/ledger-device.ts'
import { TYPES } from '../../client-sdk/src/tim/types.ts'
import { BackupStage } from './kit/backup-stage.ts'
import { RewindStory } from './kit/rewind.ts'
import { startWorld, type World } from './kit/world.ts'

// F-21, in place: the nodes stay up while the store under them is put back to an earlier state.

const PAIRS = 5
let world: World
let stage: BackupStage

beforeAll(async () => {
  world = await startWorld({ nodes: 2 })
  stage = new BackupStage()
})
afterAll(async () => {
  await stage.remove()
  await world.stop()
})

test('[F-21] when the store is put back under two nodes that stay up, all devices rebuild and nothing differs', async () => {
  const story = new RewindStory(PAIRS, (index) => world.endpoint(index))
  await story.open()
  for (let number = 1; number <= 8; number++) await story.round(`kept ${number}`)
  await stage.backUp('earlier', world.databaseUrl, world.mediaDir)

  story.note('after the backup')
  for (let number = 1; number <= 8; number++) await story.round(`lost ${number}`)
  // Somebody and a conversation that the restored store knows nothing of.
  const newcomer = new LedgerDevice(world.endpoint(1), 'newcomer', 'newcomer')
  await newcomer.login()
  await story.senders[0]?.chat.createGroup({
    groupID: 'later',
    type: TYPES.GRP_WORK,
    name: 'later',
    memberList: [{ userID: 'newcomer' }],
  })
  story.startTalking()
  const name = new URL(world.databaseUrl).pathname.slice(1)
  await stage.restore('earlier', stage.open(world.databaseUrl), world.mediaDir, name)
  story.note('after the restore')
  await story.round('while some do not know yet')
  await story.untilRebuilt(30_000)
  await story.stopTalking()
  await story.assertNewSendsArrive()
  await story.untilRebuilt(30_000)

  const { lost, ...result } = await story.balance()
  expect(result).toEqual({ missing: [], extra: [], outOfOrder: [] })
  // The story is one only if something was lost by the restore.
  expect(lost).toBeGreaterThanOrEqual(8 * PAIRS)
  await newcomer.chat.destroy().catch(() => {})
  await story.close()
  await stage.backUp('afterwards', world.databaseUrl, world.mediaDir)
  const { steps } = await stage.drill('afterwards')
  expect(steps.filter(({ isFine }) => !isFine)).toEqual([])
}, 120_000)
