import type { SyncService } from '../sync/sync-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function syncHandlers(sync: SyncService): FamilyHandlers<'sync'> {
  return {
    'sync.snapshot': async (caller, body) => {
      const { hold, page, follow, next } = await sync.planSnapshot(caller, body)
      await caller.following.hold(hold)
      // Before the page: a store put back in between must not lend the old state its name.
      const epoch = await sync.epoch()
      caller.noteEpoch(epoch)
      const { userOffset, conversations } = await page()
      // The state must arrive before what happened after it.
      caller.afterReply(() => caller.following.release(follow({ userOffset, conversations })))
      return {
        epoch,
        userOffset,
        conversations: [...conversations],
        ...(next === undefined ? {} : { next }),
      }
    },
    'sync.resume': async (caller, body) => {
      await sync.assertEpoch(body.epoch)
      caller.noteEpoch(body.epoch)
      const timelines = body.cursors.map((cursor) => cursor.timeline)
      const mine = await sync.ownTimelines(caller, timelines)
      await caller.following.hold(mine)
      const { cursors, resets } = await sync.planResume(body.cursors, mine)
      caller.following.drop(resets)
      await caller.following.release(cursors)
      return { resets: [...resets], gone: timelines.filter((timeline) => !mine.includes(timeline)) }
    },
    'sync.pull': (caller, body) => sync.pull(caller, body),
  }
}
