import { LIMITS, type TimelineId } from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { ScriptedLog } from '../../test/kit/scripted-feed.ts'
import { SyncService } from './sync-service.ts'

const ANNA = 'u:anna' as TimelineId
const TALK = 'c:c2c:anna:bert' as TimelineId
const UNKNOWN = 'c:c2c:anna:carla' as TimelineId

function startSync(entries: Readonly<Record<string, number>>): SyncService {
  const log = new ScriptedLog()
  for (const [timeline, count] of Object.entries(entries)) {
    for (let index = 0; index < count; index++) log.append(timeline as TimelineId, { kind: 'read' } as never)
  }
  return new SyncService({ db: {} as never, log })
}

async function plan(sync: SyncService, offset: number): Promise<'resumed' | 'reset' | 'neither'> {
  const { cursors, resets } = await sync.planResume([{ timeline: TALK, offset }], [TALK])
  if (cursors.length > 0) expect(cursors).toEqual([{ timeline: TALK, after: offset }])
  return cursors.length > 0 ? 'resumed' : resets.length > 0 ? 'reset' : 'neither'
}

test('[SYNC-6] a cursor is resumed as long as it is not too far behind, nor beyond the end', async () => {
  const head = LIMITS.catchUpEntries + 5
  const sync = startSync({ [TALK]: head })
  expect(await plan(sync, head)).toBe('resumed')
  expect(await plan(sync, 5)).toBe('resumed')
  expect(await plan(sync, 4)).toBe('reset')
  expect(await plan(sync, 0)).toBe('reset')
  expect(await plan(sync, head + 1)).toBe('reset')
  expect(await plan(sync, Number.MAX_SAFE_INTEGER)).toBe('reset')
})

test('[SYNC-6] each cursor is judged by itself', async () => {
  const sync = startSync({ [ANNA]: 3, [TALK]: LIMITS.catchUpEntries + 1 })
  const asked = [
    { timeline: ANNA, offset: 3 },
    { timeline: TALK, offset: 0 },
  ]
  expect(await sync.planResume(asked, [ANNA, TALK])).toEqual({
    cursors: [{ timeline: ANNA, after: 3 }],
    resets: [TALK],
  })
})

test('[SYNC-7] what is not the user’s is neither resumed nor reset', async () => {
  const sync = startSync({ [TALK]: 3 })
  const asked = [
    { timeline: UNKNOWN, offset: 0 },
    { timeline: TALK, offset: 1 },
  ]
  expect(await sync.planResume(asked, [])).toEqual({ cursors: [], resets: [] })
})

test('[EPOCH-2] only cursors of this epoch are worth anything', async () => {
  const sync = startSync({})
  await expect(sync.assertEpoch('epoch')).resolves.toBeUndefined()
  for (const epoch of ['', 'another', 'EPOCH']) {
    await expect(sync.assertEpoch(epoch)).rejects.toMatchObject({ code: 'EPOCH_CHANGED' })
  }
})

test.each(['x', '1.5', '1e300', 'NaN', '9007199254740992'])('%j is no place of a page', async (after) => {
  const sync = startSync({})
  await expect(sync.planSnapshot({ userId: 'anna' as never, accountKey: 1 }, { after })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  })
})
