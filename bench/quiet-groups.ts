import { cpuMsOf } from './cpu.ts'
import { LightSession } from './light-session.ts'
import { median, type Figure } from './report.ts'
import { Room, textOf } from './room.ts'
import { seedGroup, seedUsers } from './seeds.ts'
import { sumOf, writtenBetween, type RowsWritten } from './store.ts'
import { scaled, type World } from './world.ts'

const SIZES = [10, 100, 1_000, 10_000] as const
const ONE_BY_ONE = 200
const IN_FLIGHT = 16
const ROUNDS = 3
const SECONDS = 3
const SPEAKER = 'speaker'

/** What a send costs when nobody is there, by the size of the group. */
export async function runQuietGroups({ store, hongyan }: World): Promise<readonly Figure[]> {
  await seedUsers(store, SPEAKER, 1)
  await seedUsers(store, 'm', Math.max(...SIZES))
  for (const members of SIZES) await seedGroup(store, { id: `g${members}`, owner: `${SPEAKER}0`, prefix: 'm', members })
  await store.run('ANALYZE')
  const speaker = await LightSession.login(hongyan.port, `${SPEAKER}0`)
  const written = new Map<number, RowsWritten>()
  let before = await store.settledRows()
  for (const size of SIZES) {
    for (let n = 0; n < ONE_BY_ONE; n++) await speaker.ask('message.send', draft(size, `one-${n}`, n))
    const expected = (before.get('message') ?? 0) + ONE_BY_ONE
    const after = await store.rowsWritten((rows) => rows.get('message') === expected)
    written.set(size, writtenBetween(before, after))
    before = after
  }
  const rates = new Map<number, number[]>(SIZES.map((size) => [size, []]))
  const costs = new Map<number, number[]>(SIZES.map((size) => [size, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const size of SIZES) {
      let said = 0
      // Nobody is there, so what counts are the answers: each is one message that is stored for all.
      const room = new Room(1, {
        say: () => speaker.tell('message.send', draft(size, `${round}-${said}`, said++)),
        answers: 0,
      })
      speaker.onReply = () => room.hear(0)
      const before = cpuMsOf(hongyan.pid) + cpuMsOf(store.pid)
      rates.get(size)?.push((await room.saturate(IN_FLIGHT, scaled(SECONDS, 1))).perSecond)
      costs.get(size)?.push(((cpuMsOf(hongyan.pid) + cpuMsOf(store.pid) - before) * 1000) / said)
    }
  }
  speaker.close()
  const first = median(costs.get(SIZES[0]) ?? [])
  return SIZES.flatMap((size): Figure[] => {
    const rows = written.get(size) ?? new Map()
    const cost = median(costs.get(size) ?? [])
    const members = size.toLocaleString('en')
    const perTable = [...rows].map(([table, count]) => `${table} ${(count / ONE_BY_ONE).toFixed(2)}`).join(', ')
    return [
      {
        name: `group sends, nobody there, ${members} members`,
        hongyan: median(rates.get(size) ?? []),
        unit: 'messages/s',
        goal: '',
      },
      {
        name: `CPU of server and database for one of them (${(cost / first).toFixed(2)} of ${SIZES[0]} members)`,
        hongyan: cost,
        unit: 'µs',
        goal: 'flat',
      },
      {
        name: `rows written per send, one by one (${perTable})`,
        hongyan: sumOf(rows) / ONE_BY_ONE,
        unit: 'rows',
        goal: 'flat',
      },
    ]
  })
}

function draft(size: number, id: string, number: number): object {
  return {
    conversationId: `group:g${size}`,
    clientMsgId: `${size}-${id}`,
    elements: [{ type: 'text', text: textOf(number) }],
  }
}
