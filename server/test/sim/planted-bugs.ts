import { conversationTimeline, userTimeline, type UserId } from '@hongyan/protocol'
import { Follower } from '../../../client-sdk/src/core/follower.ts'
import { Requests } from '../../../client-sdk/src/core/requests.ts'
import { Sender } from '../../../client-sdk/src/core/sender.ts'
import { Store } from '../../../client-sdk/src/core/store.ts'
import { Syncer } from '../../../client-sdk/src/core/syncer.ts'
import { SessionFollowing } from '../../src/gateway/following.ts'
import { Hub } from '../../src/gateway/hub.ts'
import { Sweeper } from '../../src/gateway/sweeper.ts'
import { Topic } from '../../src/gateway/topic.ts'
import { Announcer } from '../../src/timelines/announcer.ts'
import { SyncService } from '../../src/sync/sync-service.ts'
import { GROUP_BUGS } from './planted-group-bugs.ts'
import { flaw, patch, type Any, type PlantedBug } from './planting.ts'

export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...GROUP_BUGS,
  // ── the node ──
  {
    name: 'the hub delivers across a gap',
    profile: 'faulty',
    length: 'short',
    plant: () =>
      patch(Topic, {
        deliver: (original) =>
          function (this: Any, ...args: Any[]) {
            const [offset, framesOf] = args as unknown as [
              number,
              () => Uint8Array | ((follower: Any) => Uint8Array | undefined),
            ]
            if (offset > this['head'] + 1) {
              for (const follower of this['followers'] as Iterable<Any>) {
                if (!follower['isLive'] || follower['sent'] >= offset) continue
                follower['sent'] = offset
                const frames = framesOf()
                const bytes = typeof frames === 'function' ? frames(follower) : frames
                if (bytes) follower['session'].push(bytes)
              }
            }
            return (original as (...args: unknown[]) => unknown).apply(this, args)
          },
      }),
  },
  {
    name: 'nobody compares with the log: a lost bell stays lost',
    profile: 'faulty',
    length: 'short',
    plant: () => patch(Hub, { hearOfHeads: () => () => {}, checkAll: () => () => Promise.resolve() }),
  },
  {
    name: 'a follower is live before it is caught up',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(Hub, {
        hold: (original) =>
          async function (this: Any, ...args: unknown[]) {
            const followers = (await (original as (...args: unknown[]) => unknown).apply(this, args)) as Any[]
            for (const follower of followers) follower['topic'].tryGoLive(follower, follower['topic'].announced)
            return followers
          },
      }),
  },
  {
    name: 'the hold is not awaited before the log is read',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(SessionFollowing, {
        hold: (original) =>
          function (this: Any, ...args: unknown[]) {
            const held = (original as (...args: unknown[]) => Promise<void>).apply(this, args)
            held.catch(() => {})
            return Promise.resolve()
          },
      }),
  },
  {
    name: 'the beginning of a conversation is not followed',
    profile: 'calm',
    length: 'short',
    plant: () => patch(SessionFollowing, { onOwnEntry: () => () => {} }),
  },
  {
    name: 'catching up asks nobody where the log ends',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(Topic, {
        hearOf: (original) =>
          function (this: Any, ...args: unknown[]) {
            if (this['hasLive']) (original as (...args: unknown[]) => unknown).apply(this, args)
          },
      }),
  },
  {
    name: 'nothing is announced to those on other nodes and the sweeper does not look',
    profile: 'calm',
    length: 'short',
    plant: () => {
      const undo = [
        patch(Announcer, { announce: () => () => {} }),
        patch(Sweeper, { sweepHeads: () => () => Promise.resolve() }),
      ]
      return () => undo.forEach((run) => run())
    },
  },
  {
    name: 'a displaced session is not looked for when the news of it was lost',
    profile: 'faulty',
    length: 'short',
    plant: () => patch(Sweeper, { sweepLogins: () => () => Promise.resolve() }),
  },
  {
    name: 'the epoch is ignored when a device comes back',
    profile: 'rewind',
    length: 'short',
    plant: () => patch(SyncService, { assertEpoch: () => () => Promise.resolve() }),
  },
  {
    name: 'a snapshot stands at the end of the user’s timeline of a later moment',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(SyncService, {
        planSnapshot: (original) =>
          async function (this: Any, ...args: Any[]) {
            const plan = (await (original as (...args: unknown[]) => unknown).apply(this, args)) as Any
            const [user] = args as [Any]
            const own = userTimeline(user['userId'] as UserId)
            return {
              ...plan,
              page: async () => {
                const page = (await plan['page']()) as Any
                const pulled = (await this['pull'](user, { timeline: own, after: page['userOffset'] })) as Any
                return { ...page, userOffset: page['userOffset'] + pulled['entries'].length }
              },
              follow: (page: Any) => [
                { timeline: own, after: page['userOffset'] },
                ...page['conversations'].map((state: Any) => ({
                  timeline: conversationTimeline(state['conversationId']),
                  after: state['offset'],
                })),
              ],
            }
          },
      }),
  },
  // ── the store ──
  {
    name: 'numbers are taken without the lock',
    profile: 'faulty',
    length: 'short',
    plant: flaw('noRowLock', 'noUniqueIndex'),
  },
  { name: 'a resend is not recognised', profile: 'faulty', length: 'short', plant: flaw('noEarlier', 'noUniqueIndex') },
  { name: 'the reply comes before the commit', profile: 'faulty', length: 'short', plant: flaw('ackBeforeCommit') },
  { name: 'a displaced session may still write', profile: 'faulty', length: 'short', plant: flaw('loginsAlwaysAlive') },
  { name: 'the last read mark wins', profile: 'faulty', length: 'short', plant: flaw('marksMaySink') },
  { name: 'a revoked message keeps its content', profile: 'calm', length: 'short', plant: flaw('noWipe') },
  {
    name: 'a revocation is not applied in catching up',
    profile: 'calm',
    length: 'short',
    plant: flaw('revokedUnreadable'),
  },
  { name: 'own messages are not counted as own', profile: 'calm', length: 'short', plant: flaw('ownNotCounted') },
  { name: 'a restored store keeps its epoch', profile: 'rewind', length: 'short', plant: flaw('constantEpoch') },
  // ── the client ──
  {
    name: 'a client applies what it has already',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(Follower, {
        offer: (original) =>
          function (this: Any, ...args: Any[]) {
            const [timeline, offset, entry] = args as unknown as [string, number, object]
            const { ports } = this as unknown as { ports: Any }
            if (offset <= ports['cursorOf'](timeline)) return ports['apply'](timeline, [{ offset, entry }])
            return (original as (...args: unknown[]) => unknown).apply(this, args)
          },
      }),
  },
  {
    name: 'a message is sent again under another id',
    profile: 'faulty',
    length: 'short',
    plant: () =>
      patch(Requests, {
        transmit: (original) =>
          function (this: Any, pending: Any) {
            if (pending['wasSent'] && pending['command'] === 'message.send') {
              const body = JSON.parse(pending['body'] as string) as { readonly clientMsgId: string }
              pending['body'] = JSON.stringify({ ...body, clientMsgId: `${body.clientMsgId}-2` })
            }
            return (original as (...args: unknown[]) => unknown).call(this, pending)
          },
      }),
  },
  {
    name: 'sends of one conversation do not wait for each other',
    profile: 'faulty',
    length: 'deep',
    plant: () =>
      patch(Sender, {
        send: () =>
          function (this: Any, draft: Any) {
            return new Promise((resolve, reject) => {
              const fail = (failure: string): void => reject(Object.assign(new Error(failure), { failure }))
              this['ports'].ask(draft, 15_000, (outcome: Any) => {
                if (!outcome['ok']) return fail(outcome['failure'])
                resolve({ seq: outcome['body'].seq, sentAtMs: outcome['body'].sentAtMs })
                this['ports'].onStored(draft, outcome['body'])
              })
            })
          },
      }),
  },
  {
    name: 'the outbox waits for a message that is refused for good',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(Requests, {
        onAnswer: (original) =>
          function (this: Any, frame: Any) {
            const isFinal = frame['type'] === 'error' && frame['isRetryable'] === false
            const isSend = this['inFlight'].get(frame['id'])?.command === 'message.send'
            const kept = isFinal && isSend ? { ...frame, isRetryable: true } : frame
            return (original as (...args: unknown[]) => unknown).call(this, kept)
          },
      }),
  },
  {
    name: 'unread is counted up instead of derived',
    profile: 'calm',
    length: 'short',
    plant: () =>
      patch(Store, {
        apply: (original) =>
          function (this: Any, ...args: Any[]) {
            const [timeline, entries] = args as unknown as [string, Any[]]
            const id = timeline.slice(2)
            const before = this['get'](id)?.seen.unread ?? 0
            const changes = (original as (...args: unknown[]) => unknown).apply(this, args)
            const fresh = entries.filter(
              ({ entry }) => entry.kind === 'message' && entry.message.senderId !== this['me'],
            )
            const kept = this['get'](id)
            if (kept && fresh.length > 0)
              this['put']({ ...kept, seen: { ...kept.seen, unread: before + fresh.length } })
            return changes
          },
      }),
  },
  {
    name: 'what was asked in another epoch is asked in this one',
    profile: 'rewind',
    length: 120,
    plant: () => patch(Requests, { endEpoch: () => () => {} }),
  },
  {
    name: 'a client that learns of a new epoch keeps what it has',
    profile: 'rewind',
    length: 'short',
    plant: () => patch(Syncer, { forget: () => () => {} }),
  },
]
