import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupConversationId, parseUserId, type GroupId, type Seq, type UserId } from '@hongyan/protocol'
import type { Client } from '../../client-sdk/src/core/client-api.ts'
import { createClient } from '../../client-sdk/src/core/client.ts'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { connect, type Db } from '../src/db/db.ts'
import { until } from './kit/until.ts'
import { SDK_APP_ID, startWorld, userSigOf, type World } from './kit/world.ts'

/** Histories per run, and steps in each; `UNREAD_RUNS=200` for the long one. */
const RUNS = Number(process.env['UNREAD_RUNS'] ?? 6)
const STEPS = 40

let world: World
let db: Db
beforeAll(async () => {
  world = await startWorld({ nodes: 2, env: { REVOKE_WINDOW_SECONDS: '3600' } })
  db = connect({
    url: world.databaseUrl,
    name: 'oracle',
    size: 1,
    statementDeadlineMs: 10_000,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger(),
  })
})
afterAll(async () => {
  await db.close()
  await world.stop()
})

const NAMES = ['owner', 'anna', 'bert'] as const
type Name = (typeof NAMES)[number]

type Step = {
  readonly do:
    'send' | 'mention' | 'revoke' | 'delete' | 'read' | 'clear' | 'hide' | 'silence' | 'leave' | 'come' | 'cut'
  readonly who: Name
  readonly pick: number
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    { weight: 8, arbitrary: fc.constant('send' as const) },
    { weight: 2, arbitrary: fc.constant('mention' as const) },
    {
      weight: 8,
      arbitrary: fc.constantFrom(
        ...(['revoke', 'delete', 'read', 'read', 'clear', 'hide', 'silence', 'leave', 'come', 'come', 'cut'] as const),
      ),
    },
  ),
  who: fc.constantFrom(...NAMES),
  pick: fc.nat(1000),
})

/** What a user should see, counted one by one from the rows: no running number, no base. */
async function naive(
  userId: string,
  groupId: string,
): Promise<{ readonly unread: number; readonly calls: readonly Seq[] } | undefined> {
  const [member] = await db.query<{ key: number; me: number; from: Seq }>(
    `SELECT m.timeline_key AS key, m.account_key AS me,
            greatest(m.read_seq, m.cleared_seq, m.hidden_seq, m.joined_seq) AS "from"
       FROM member m JOIN account a ON a.key = m.account_key JOIN chat_group g ON g.timeline_key = m.timeline_key
      WHERE a.id = $1 AND g.id = $2`,
    [userId, groupId],
  )
  if (!member) return undefined
  const rows = await db.query<{ seq: Seq; counts: boolean; calls: boolean }>(
    `SELECT m.seq, m.flags & 1 = 0 AND NOT EXISTS (SELECT FROM deleted_message d WHERE d.account_key = $2
                                                     AND d.timeline_key = $1 AND d.seq = m.seq) AS counts,
            m.flags & 8 <> 0 AS calls
       FROM message m
      WHERE m.timeline_key = $1 AND m.seq > $3 AND m.sender_key <> $2 AND m.revoked_at_ms IS NULL`,
    [member.key, member.me, member.from],
  )
  return {
    unread: rows.filter(({ counts }) => counts).length,
    calls: rows.filter(({ calls }) => calls).map(({ seq }) => seq),
  }
}

class Party {
  readonly groupId: string
  readonly #devices = new Map<Name, Client[]>()
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
    this.groupId = `${prefix}g`
  }

  userId(name: Name): UserId {
    const userId = parseUserId(`${this.#prefix}${name}`)
    if (!userId) throw new Error('not a user id')
    return userId
  }

  get conversationId() {
    return groupConversationId(this.groupId as GroupId)
  }

  async begin(): Promise<void> {
    for (const name of NAMES) this.#devices.set(name, [await this.#device(name, 0), await this.#device(name, 1)])
    await this.device('owner', 0).ask('group.create', {
      requestId: 'found',
      groupId: this.groupId as GroupId,
      type: 'work',
      name: 'unread',
      members: [{ userId: this.userId('anna') }, { userId: this.userId('bert') }],
    })
  }

  device(name: Name, pick: number): Client {
    const devices = this.#devices.get(name) ?? []
    const device = devices[pick % devices.length]
    if (!device) throw new Error(`${name} has no device`)
    return device
  }

  async end(): Promise<void> {
    for (const devices of this.#devices.values()) await Promise.all(devices.map((device) => device.logout()))
  }

  /** Refusals are part of the game: whoever is not in the group is told so. */
  async take({ do: what, who, pick }: Step): Promise<void> {
    const device = this.device(who, pick)
    const { conversationId } = this
    const said = device.conversation(conversationId)?.lastSeq ?? 0
    const seq = 1 + (pick % Math.max(1, said))
    const act = async (): Promise<unknown> => {
      switch (what) {
        case 'send':
        case 'mention':
          return device.send({
            conversationId,
            clientMsgId: device.newClientMsgId(),
            elements: [{ type: 'text', text: what }],
            ...(what === 'mention' ? { mentions: { userIds: [this.userId('anna')], all: pick % 2 === 0 } } : {}),
          })
        case 'revoke':
          return device.revoke(conversationId, seq)
        case 'delete':
          return device.deleteMessages(conversationId, [seq])
        case 'read':
          return device.read(conversationId)
        case 'clear':
          return device.clear(conversationId)
        case 'hide':
          return device.hide([conversationId], { clears: pick % 2 === 0 })
        case 'silence':
          return device.ask('conversation.remind', {
            conversationIds: [conversationId],
            remind: pick % 2 === 0 ? 'silent' : 'notify',
          })
        case 'leave':
          return who === 'owner'
            ? device.ask('group.kick', { groupId: this.groupId as GroupId, userIds: [this.userId('anna')] })
            : device.ask('group.quit', { groupId: this.groupId as GroupId })
        case 'come':
          return this.device('owner', pick).ask('group.invite', {
            groupId: this.groupId as GroupId,
            userIds: [this.userId(who)],
          })
        case 'cut':
          for (const session of world.nodes[pick % 2]?.context.registry.all() ?? []) {
            if (session.userId === this.userId(who)) session.close(4000, 'cut')
          }
          return undefined
      }
    }
    await act().catch((err: unknown) => {
      if (!(err instanceof Error) || !('failure' in err)) throw err
    })
  }

  /** Every device of everybody comes to show exactly what a recount gives. */
  async agree(after: string): Promise<void> {
    for (const name of NAMES) {
      const expected = await naive(this.userId(name), this.groupId)
      for (const [index, device] of (this.#devices.get(name) ?? []).entries()) {
        const shown = () => {
          const state = device.conversation(this.conversationId)
          return state && { unread: state.unread, calls: this.#callsOf(name, state.mentions) }
        }
        const wanted = JSON.stringify(expected && { ...expected, calls: this.#expectedCalls(name, expected.calls) })
        await until(
          `${name}'s device ${index} shows ${wanted} after ${after}`,
          () => JSON.stringify(shown()) === wanted,
          20_000,
        ).catch((err: unknown) => {
          expect(shown(), String(err)).toEqual(JSON.parse(wanted ?? 'null') ?? undefined)
          throw err
        })
      }
    }
  }

  /** Only Anna is called by name; whoever else is called is called with all. */
  #expectedCalls(name: Name, calls: readonly Seq[]): number {
    return name === 'anna' ? calls.length : 0
  }

  #callsOf(name: Name, mentions: readonly { readonly who: string }[]): number {
    return name === 'anna' ? mentions.length : 0
  }

  async #device(name: Name, index: number): Promise<Client> {
    const client = createClient({
      url: `${world.endpoint(index).replace('http', 'ws')}/im/ws`,
      sdkAppId: SDK_APP_ID,
      platform: nodePlatform(),
      agent: 'model',
    })
    await client.login(this.userId(name), userSigOf(this.userId(name)))
    await client.whenSynced()
    return client
  }
}

test('whatever is sent, taken back, deleted, read, cleared, left and joined again: every device shows what a recount gives', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: STEPS / 2, maxLength: STEPS, size: 'max' }), async (steps) => {
      const party = new Party(`u${++run}${Date.now() % 100_000}`)
      await party.begin()
      try {
        for (const [index, one] of steps.entries()) {
          await party.take(one)
          await party.agree(`step ${index}: ${one.who} ${one.do} ${one.pick}`)
        }
      } finally {
        await party.end()
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  )
}, 900_000)
