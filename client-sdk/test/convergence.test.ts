import { parseConversationId, type ConversationId } from '@hongyan/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { World, type Operation, type WorldOptions } from './world.ts'

const small = fc.nat({ max: 11 })
const send = fc.record({ kind: fc.constant('send' as const), by: small, to: small, sort: fc.nat({ max: 99 }) })
const read = fc.record({ kind: fc.constant('read' as const), by: small, to: small })
const look = fc.record({ kind: fc.constant('look' as const), by: small, to: small })
const clear = fc.record({ kind: fc.constant('clear' as const), by: small, to: small })
const flagged = fc.record({
  kind: fc.constantFrom('pin' as const, 'hide' as const),
  by: small,
  to: small,
  flag: fc.boolean(),
})
const pin = fc.record({ kind: fc.constant('pin' as const), by: small, to: small, flag: fc.boolean() })
const picked = fc.record({
  kind: fc.constantFrom('revoke' as const, 'delete' as const, 'modify' as const, 'remind' as const),
  by: small,
  to: small,
  which: fc.nat({ max: 50 }),
})
const revoke = fc.record({ kind: fc.constant('revoke' as const), by: small, to: small, which: fc.nat({ max: 50 }) })
const inGroup = fc.record({
  kind: fc.constant('group' as const),
  by: small,
  to: small,
  which: fc.nat({ max: 50 }),
  sort: fc.nat({ max: 99 }),
})
const trouble = fc.record({ kind: fc.constantFrom('cut' as const, 'silence' as const, 'wake' as const), by: small })
const again = fc.record({ kind: fc.constant('again' as const), by: small })
const wait = fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(2, 20, 100, 700, 3000, 20_000) })
const outage = fc.record({ kind: fc.constant('outage' as const), ms: fc.constantFrom(10, 2000, 20_000) })
const rewind = fc.record({ kind: fc.constantFrom('backUp' as const, 'restore' as const) })

const FAULTS = { lose: 0.04, duplicate: 0.04, swap: 0.04, mute: 0.01, cut: 0.01 }

/** What happened over all runs: a run in which nothing happens proves nothing. */
const seen = {
  messages: 0,
  injured: 0,
  cuts: 0,
  dials: 0,
  restores: 0,
  groups: 0,
  tips: 0,
  lefts: 0,
  mentions: 0,
  modified: 0,
}

async function run(seed: number, operations: readonly Operation[], options: WorldOptions): Promise<World> {
  const world = new World(seed, options)
  await world.start()
  for (const operation of operations) await world.take(operation)
  await world.heal()
  for (const { transport } of world.devices) {
    seen.injured += transport.injured
    seen.cuts += transport.cuts
    seen.dials += transport.dials
  }
  for (const device of world.devices) {
    seen.lefts += device.told('left').length
    seen.modified += device.told('modified').length
    for (const { mentions } of device.client.conversations()) seen.mentions += mentions.length
  }
  for (const { group, messages } of world.server.data.rooms.values()) {
    if (group === undefined) continue
    seen.groups++
    seen.tips += messages.filter(({ elements }) => elements.some(({ type }) => type === 'tip')).length
  }
  seen.messages += world.sent.length
  if (world.server.epoch !== 'epoch-1') seen.restores++
  expect(world.server.violations).toEqual([])
  for (const device of world.devices) expect(device.errors).toEqual([])
  return world
}

/** Promise I4: all devices of a user and the naive count agree. */
function expectConvergence(world: World): void {
  for (const device of world.devices) {
    expect(device.client.isSyncComplete).toBe(true)
    expect(device.client.stateDigest()).toBe(world.server.digest(device.userId))
  }
}

/** Promises I1, I2, I13: each send has one definite answer, each stored message one row, and acknowledged ones are there. */
function expectAnswers(world: World): void {
  for (const { deviceIndex, draft, seq, failure, epoch } of world.sent) {
    expect(seq !== undefined || failure !== undefined).toBe(true)
    const isPoison = JSON.stringify(draft).includes('poison')
    if (isPoison) expect(seq).toBeUndefined()
    const rows = (world.server.data.rooms.get(draft.conversationId)?.messages ?? []).filter(
      ({ id, senderId }) => id.endsWith(`-${draft.clientMsgId}`) && senderId === world.devices[deviceIndex]?.userId,
    )
    expect(rows.length).toBeLessThanOrEqual(1)
    if (seq !== undefined && epoch === world.server.epoch) expect(rows.map((row) => row.seq)).toEqual([seq])
  }
}

/** Promise I3: what one device sent in one conversation keeps its order. */
function expectSendOrder(world: World): void {
  const last = new Map<string, number>()
  for (const { deviceIndex, draft, seq } of world.sent) {
    if (seq === undefined) continue
    const lane = `${deviceIndex} ${draft.conversationId}`
    expect(seq).toBeGreaterThan(last.get(lane) ?? 0)
    last.set(lane, seq)
  }
}

/** Promise I2 and I3 on the receiving side: increasing, and nothing twice. */
function expectIncreasing(world: World): void {
  for (const device of world.devices) {
    const last = new Map<ConversationId, number>()
    for (const { conversationId, messages } of device.told('messages')) {
      for (const { seq } of messages) {
        expect(seq).toBeGreaterThan(last.get(conversationId) ?? 0)
        last.set(conversationId, seq)
      }
    }
  }
}

/** Promise I2: every message that is not the instance's own comes exactly once to whoever was there from the start. */
function expectComplete(world: World): void {
  const own = new Map(world.devices.map((device) => [device, new Set<string>()]))
  for (const { deviceIndex, draft } of world.sent) {
    const device = world.devices[deviceIndex]
    if (device !== undefined) own.get(device)?.add(draft.clientMsgId)
  }
  for (const device of world.devices) {
    for (const room of world.server.roomsOf(device.userId)) {
      const expected = room.messages.filter(({ id, senderId }) => {
        const clientMsgId = id.slice(id.indexOf('-') + 1)
        return senderId !== device.userId || own.get(device)?.has(clientMsgId) !== true
      })
      expect(device.messages(room.id).map(({ seq }) => seq)).toEqual(expected.map(({ seq }) => seq))
      expect(parseConversationId(room.id)).toBeDefined()
    }
  }
}

const seeds = fc.nat({ max: 2 ** 31 })
const runs = Number(process.env['HONGYAN_RUNS'] ?? 150)

describe('whatever the network does', () => {
  test('every message comes exactly once and in order, and all devices agree', { timeout: 600_000 }, async () => {
    const operation = fc.oneof(
      { arbitrary: send, weight: 10 },
      { arbitrary: read, weight: 3 },
      { arbitrary: look, weight: 1 },
      { arbitrary: pin, weight: 2 },
      { arbitrary: revoke, weight: 2 },
      { arbitrary: trouble, weight: 4 },
      { arbitrary: wait, weight: 5 },
      { arbitrary: outage, weight: 1 },
    )
    await fc.assert(
      fc.asyncProperty(seeds, fc.array(operation, { maxLength: 60, size: 'max' }), async (seed, operations) => {
        const world = await run(seed, operations, {
          users: 3,
          devicesEach: 2,
          faults: FAULTS,
          catchUpEntries: 1000,
          pageSize: 3,
          groups: 0,
        })
        expectConvergence(world)
        expectAnswers(world)
        expectSendOrder(world)
        expectComplete(world)
      }),
      { numRuns: runs },
    )
  })

  test(
    'all devices agree, with resets, deletions, cleared and hidden conversations, and new logins',
    { timeout: 600_000 },
    async () => {
      const operation = fc.oneof(
        { arbitrary: send, weight: 10 },
        { arbitrary: read, weight: 3 },
        { arbitrary: look, weight: 2 },
        { arbitrary: clear, weight: 1 },
        { arbitrary: flagged, weight: 3 },
        { arbitrary: picked, weight: 4 },
        { arbitrary: trouble, weight: 4 },
        { arbitrary: again, weight: 1 },
        { arbitrary: wait, weight: 5 },
        { arbitrary: outage, weight: 1 },
      )
      await fc.assert(
        fc.asyncProperty(seeds, fc.array(operation, { maxLength: 80, size: 'max' }), async (seed, operations) => {
          const world = await run(seed, operations, {
            users: 3,
            devicesEach: 2,
            faults: FAULTS,
            catchUpEntries: 6,
            groups: 0,
            pageSize: 2,
          })
          expectConvergence(world)
          expectAnswers(world)
          expectSendOrder(world)
          expectIncreasing(world)
        }),
        { numRuns: runs },
      )
    },
  )

  for (const catchUpEntries of [1000, 5]) {
    test(
      `all devices agree about groups whose members come and go, resets beyond ${catchUpEntries} entries`,
      { timeout: 600_000 },
      async () => {
        const operation = fc.oneof(
          { arbitrary: send, weight: 10 },
          { arbitrary: read, weight: 3 },
          { arbitrary: inGroup, weight: 12 },
          { arbitrary: look, weight: 1 },
          { arbitrary: clear, weight: 1 },
          { arbitrary: flagged, weight: 2 },
          { arbitrary: picked, weight: 5 },
          { arbitrary: trouble, weight: 4 },
          { arbitrary: again, weight: 1 },
          { arbitrary: wait, weight: 5 },
          { arbitrary: outage, weight: 1 },
        )
        await fc.assert(
          fc.asyncProperty(seeds, fc.array(operation, { maxLength: 80, size: 'max' }), async (seed, operations) => {
            const world = await run(seed, operations, {
              users: 3,
              devicesEach: 2,
              faults: FAULTS,
              catchUpEntries,
              pageSize: 2,
              groups: 3,
            })
            expectConvergence(world)
            expectAnswers(world)
            expectSendOrder(world)
            expectIncreasing(world)
          }),
          { numRuns: runs * 2 },
        )
      },
    )
  }

  test('all devices agree after the store went back in time', { timeout: 600_000 }, async () => {
    const operation = fc.oneof(
      { arbitrary: send, weight: 10 },
      { arbitrary: read, weight: 3 },
      { arbitrary: flagged, weight: 2 },
      { arbitrary: picked, weight: 2 },
      { arbitrary: inGroup, weight: 4 },
      { arbitrary: trouble, weight: 2 },
      { arbitrary: wait, weight: 5 },
      { arbitrary: rewind, weight: 2 },
    )
    await fc.assert(
      fc.asyncProperty(seeds, fc.array(operation, { maxLength: 60, size: 'max' }), async (seed, operations) => {
        const world = await run(seed, operations, {
          users: 2,
          devicesEach: 2,
          faults: FAULTS,
          catchUpEntries: 50,
          groups: 2,
          pageSize: 2,
        })
        expectConvergence(world)
        expectAnswers(world)
      }),
      { numRuns: runs },
    )
  })

  test('the runs above did something', () => {
    expect(seen.messages).toBeGreaterThan(runs * 5)
    expect(seen.injured).toBeGreaterThan(runs)
    expect(seen.cuts).toBeGreaterThan(runs)
    expect(seen.dials).toBeGreaterThan(runs * 3)
    expect(seen.restores).toBeGreaterThan(runs / 20)
    expect(seen.groups).toBeGreaterThan(runs)
    expect(seen.tips).toBeGreaterThan(runs * 3)
    expect(seen.lefts).toBeGreaterThan(runs)
    expect(seen.mentions).toBeGreaterThan(runs / 5)
    expect(seen.modified).toBeGreaterThan(runs)
  })
})
