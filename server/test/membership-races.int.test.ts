import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Entry, Offset } from '@hongyan/protocol'
import { found, Listener, nextId, shortOf, timelineOf } from './kit/group-story.ts'
import { until } from './kit/until.ts'
import { startWorld, type World } from './kit/world.ts'

/** Removals and returns in one run; `RACES=10000` for the long one. */
const RACES = Number(process.env['RACES'] ?? 120)

let world: World
beforeAll(async () => {
  world = await startWorld({ nodes: 2 })
})
afterAll(() => world.stop())

interface Placed {
  readonly offset: Offset
  readonly entry: Entry
}

/** Whether the user was a member at each offset, as the group's own log says. */
function membershipIn(log: readonly Placed[], userId: string): ReadonlyMap<Offset, boolean> {
  let isIn = true
  const was = new Map<Offset, boolean>()
  for (const { offset, entry } of log) {
    const [element] = entry.kind === 'message' ? entry.message.elements : []
    const tip = element?.type === 'tip' ? element.tip : undefined
    const isAbout = tip && 'users' in tip && tip.users.some((person) => person.userId === userId)
    if (isAbout && (tip.op === 'kicked' || tip.op === 'quit')) isIn = false
    if (isAbout && tip.op === 'joined') isIn = true
    was.set(offset, isIn)
  }
  return was
}

async function wholeLog(owner: Listener, groupId: string): Promise<readonly Placed[]> {
  const log: Placed[] = []
  for (;;) {
    const after = log.at(-1)?.offset ?? 0
    const { entries } = await owner.wire.request('sync.pull', { timeline: timelineOf(groupId), after }).catch(() => ({
      entries: owner.pushed(timelineOf(groupId)).filter(({ offset }) => offset > after),
    }))
    if (entries.length === 0) return log
    log.push(...entries)
  }
}

test('[I11] [S-A3] who is removed while he sends, pulls and listens gets nothing from there on, and nothing of his is stored', async () => {
  const owner = await Listener.open(world, 'race-owner', 0)
  const pupil = await Listener.open(world, 'race-pupil', 1)
  await found(owner, 'race', 'work', ['race-pupil'])
  let isOver = false
  const pulled = new Map<Offset, Entry>()
  const chatter = (async (): Promise<void> => {
    while (!isOver) {
      await Promise.allSettled([
        pupil.say('race', 'pupil'),
        owner.say('race', 'owner'),
        pupil.wire
          .request('message.history', { conversationId: 'group:race', direction: 'older', limit: 20 })
          .then(({ messages }) => {
            for (const message of messages) pulled.set(message.seq, { kind: 'message', message })
          }),
      ])
    }
  })()
  for (let race = 0; race < RACES; race++) {
    await owner.wire.request('group.kick', { groupId: 'race', userIds: ['race-pupil'] })
    await owner.wire.request('group.invite', { groupId: 'race', userIds: ['race-pupil'] })
  }
  isOver = true
  await chatter
  await owner.say('race', 'end')
  await pupil.hears('race', 'end')
  await owner.hears('race', 'end')

  const log = owner.pushed(timelineOf('race'))
  expect(log.map(({ offset }) => offset)).toEqual(log.map((_entry, index) => index + 1))
  const wasIn = membershipIn(log, 'race-pupil')
  const said = log.filter(({ entry }) => shortOf(entry) === 'pupil')
  expect(said.length).toBeGreaterThan(RACES / 10)
  expect(said.filter(({ offset }) => wasIn.get(offset) !== true)).toEqual([])
  const heard = pupil.pushed(timelineOf('race'))
  expect(heard.filter(({ offset }) => wasIn.get(offset) !== true)).toEqual([])
  // Every entry of his time is there, in order, and none twice.
  expect(heard.map(({ offset }) => offset)).toEqual([...wasIn].filter(([, isIn]) => isIn).map(([offset]) => offset))
  const offsetOf = new Map(
    log.flatMap(({ offset, entry }) => (entry.kind === 'message' ? [[entry.message.seq, offset]] : [])),
  )
  const seen = [...pulled.keys()].map((seq) => offsetOf.get(seq) ?? 0)
  expect(seen.filter((offset) => wasIn.get(offset) !== true)).toEqual([])
  expect(await wholeLog(owner, 'race')).toHaveLength(log.length)
}, 600_000)

test('[S-A3] a right that is taken away in the middle of its use is either used before or refused', async () => {
  const owner = await Listener.open(world, 'right-owner', 0)
  const admin = await Listener.open(world, 'right-admin', 1)
  await found(owner, 'rights', 'public', ['right-admin', 'p0'])
  let used = 0
  for (let race = 0; race < RACES / 4; race++) {
    await owner.wire.request('group.setRole', { groupId: 'rights', userId: 'right-admin', role: 'admin' })
    const [, renamed] = await Promise.allSettled([
      owner.wire.request('group.setRole', { groupId: 'rights', userId: 'right-admin', role: 'member' }),
      admin.wire.request('group.update', { groupId: 'rights', name: nextId() }),
    ])
    if (renamed.status === 'fulfilled') used++
    else expect((renamed.reason as Error).message).toBe('NOT_PERMITTED')
  }
  await owner.say('rights', 'end')
  await owner.hears('rights', 'end')
  let isAdmin = false
  let changes = 0
  for (const { entry } of owner.pushed(timelineOf('rights'))) {
    const short = shortOf(entry)
    if (short === 'tip:admin-set') isAdmin = true
    if (short === 'tip:admin-unset') isAdmin = false
    if (short !== 'tip:group-changed') continue
    changes++
    expect(isAdmin).toBe(true)
  }
  expect(changes).toBe(used)
  await until('all is told', () => admin.heard('rights').at(-1) === 'end')
}, 120_000)
