import type { SyncService } from '../sync/sync-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function syncHandlers(sync: SyncService): FamilyHandlers<'sync'> {
  return {
    'sync.snapshot': async (caller, body) => {
      const { hold, page, follow } = await sync.planSnapshot(caller, body)
      await caller.following.hold(hold)
      const reply = await page()
      caller.noteEpoch(reply.epoch)
      // The state must arrive before what happened after it.
      caller.afterReply(() => caller.following.release(follow(reply)))
      return reply
    },
    'sync.resume': async (caller, body) => {
      const timelines = body.cursors.map((cursor) => cursor.timeline)
      const [mine] = await Promise.all([sync.ownTimelines(caller, timelines), sync.assertEpoch(body.epoch)])
      caller.noteEpoch(body.epoch)
      await caller.following.hold([...mine.keys()])
      const { cursors, resets } = await sync.planResume(body.cursors, mine)
      caller.following.drop(resets)
      // To send a message nobody has to wait until everything he missed has been handed over.
      caller.stepAside()
      await caller.following.release(cursors)
      return { resets: [...resets], gone: timelines.filter((timeline) => !mine.has(timeline)) }
    },
    'sync.pull': (caller, body) => sync.pull(caller, body),
  }
}
