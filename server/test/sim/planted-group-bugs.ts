import { SessionFollowing } from '../../src/gateway/following.ts'
import { Session } from '../../src/gateway/session.ts'
import { Announcer } from '../../src/timelines/announcer.ts'
import { SyncService } from '../../src/sync/sync-service.ts'
import { Store } from '../../../client-sdk/src/core/store.ts'
import { flaw, patch, type Any, type Method, type PlantedBug } from './planting.ts'

/** Mistakes about groups: who is in them, what is for whom, and what is taken back or changed. */
export const GROUP_BUGS: readonly PlantedBug[] = [
  // ── the node ──
  {
    name: 'the hub does not drop who was removed',
    profile: 'calm',
    length: 'short',
    plant: () => patch(Session, { onRemoved: () => () => {} }),
  },
  {
    name: 'who joins is followed from the beginning',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(SessionFollowing, {
        onOwnEntry: (original) =>
          function (this: Any, entry: Any) {
            const begun = entry['kind'] === 'joined' ? { ...entry, offset: 0 } : entry
            return (original as (...args: unknown[]) => unknown).call(this, begun)
          },
      }),
  },
  {
    name: 'a message for some is announced as one for everybody',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(Announcer, {
        announceFrame: (original) =>
          function (this: Any, ...args: unknown[]) {
            return (original as (...args: unknown[]) => unknown).apply(this, args.slice(0, 3))
          },
      }),
  },
  {
    name: 'who has come back goes on from where he was before he left',
    profile: 'faulty',
    length: 'short',
    plant: () =>
      patch(SyncService, {
        ownTimelines: (original) =>
          async function (this: Any, ...args: unknown[]) {
            const mine = (await (original as (...args: unknown[]) => unknown).apply(this, args)) as Map<string, Any>
            return new Map([...mine.keys()].map((timeline) => [timeline, { joinedOffset: 0 }]))
          },
      }),
  },
  {
    name: 'a pull asks nobody whether one is a member',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(SyncService, {
        pull: (original) =>
          async function (this: Any, ...args: Any[]) {
            const asked = this['ownTimelines']
            this['ownTimelines'] = (_user: unknown, timelines: readonly string[]) =>
              Promise.resolve(new Map(timelines.map((timeline) => [timeline, { joinedOffset: 0 }])))
            try {
              return await ((original as (...args: unknown[]) => unknown).apply(this, args) as Promise<unknown>)
            } finally {
              this['ownTimelines'] = asked
            }
          },
      }),
  },
  // ── the store ──
  {
    name: 'who may speak is read before the lock is held',
    profile: 'calm',
    length: 'short',
    plant: flaw('speakersBeforeLock'),
  },
  { name: 'who comes back counts on from before', profile: 'calm', length: 'short', plant: flaw('leaversRemembered') },
  {
    name: 'a message for some is shown to all in histories and states',
    profile: 'calm',
    length: 'short',
    plant: flaw('receiversIgnored'),
  },
  {
    name: 'a message may still be changed after it was revoked',
    profile: 'calm',
    length: 'short',
    plant: flaw('revocationUnseen'),
  },
  {
    name: 'what a revoked message said in between stays in the log',
    profile: 'calm',
    length: 'short',
    plant: flaw('changesKept'),
  },
  { name: 'one may speak in a dismissed group', profile: 'calm', length: 'short', plant: flaw('dismissalUnseen') },
  { name: 'who is muted may speak', profile: 'calm', length: 'short', plant: flaw('mutesUnseen') },
  {
    name: 'a receipt reaches back over messages that got none',
    profile: 'calm',
    length: 'deep',
    plant: flaw('receiptsReachBack'),
  },
  // ── the client ──
  {
    name: 'what was read on another device of the user is not heard of',
    profile: 'calm',
    length: 'short',
    plant: () => patch(Store, { apply: (original) => withEntries(original, (entry) => entry['kind'] !== 'read-here') }),
  },
  {
    name: 'the end of a membership is not heard of',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(Store, {
        apply: (original) =>
          withEntries(original, (entry) => entry['kind'] !== 'left' && entry['kind'] !== 'dismissed'),
      }),
  },
  {
    name: 'the members of a group are counted up and down',
    profile: 'faulty',
    length: 'short',
    plant: () =>
      patch(Store, {
        apply: (original) =>
          function (this: Any, ...args: Any[]) {
            const [timeline, entries] = args as unknown as [string, Any[]]
            const id = timeline.slice(2)
            const before = this['get'](id)?.seen.about.group?.memberCount as number | undefined
            const changes = (original as (...args: unknown[]) => unknown).apply(this, args)
            const kept = this['get'](id)
            const comings = entries.flatMap(({ entry }) => {
              const tip = entry.kind === 'message' ? entry.message.elements[0]?.tip : undefined
              return tip?.op === 'joined' ? [tip.users.length as number] : []
            })
            if (before === undefined || kept?.seen.about.type !== 'group' || comings.length === 0) return changes
            const memberCount = before + comings.reduce((sum, one) => sum + one, 0)
            const about = { ...kept.seen.about, group: { ...kept.seen.about.group, memberCount } }
            this['put']({ ...kept, seen: { ...kept.seen, about } })
            return changes
          },
      }),
  },
]

/** Entries that do not count only move the cursor. */
function withEntries(original: Method, counts: (entry: Any) => boolean): Method {
  return function (this: Any, ...args: Any[]) {
    const [timeline, entries, ...rest] = args as unknown as [string, Any[]]
    const kept = entries.map((placed) =>
      counts(placed['entry']) ? placed : { ...placed, entry: { kind: 'unheard-of' } },
    )
    return (original as (...args: unknown[]) => unknown).call(this, timeline, kept, ...rest)
  }
}
