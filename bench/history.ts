import { LightSession } from './light-session.ts'
import { median, type Figure } from './report.ts'
import { seedGroup, seedMessages, seedRead, seedUsers, sentAtMs } from './seeds.ts'
import { scaled, type World } from './world.ts'

const DEEP = 1_000_000
const SHALLOW = 1_000
const PAGE = 50
const ASKS = 300
const ME = 'owner0'

/** A page of a conversation near its end, deep in it, and in one that is short. */
export async function runHistory({ store, hongyan }: World): Promise<readonly Figure[]> {
  const deep = scaled(DEEP, 10_000)
  await seedUsers(store, 'owner', 1)
  await seedUsers(store, 'm', 50)
  const long = await seedGroup(store, { id: 'long', owner: ME, prefix: 'm', members: 50 })
  const short = await seedGroup(store, { id: 'short', owner: ME, prefix: 'm', members: 50 })
  await seedMessages(store, long.key, deep + 1_000)
  await seedMessages(store, short.key, SHALLOW)
  for (const { key } of [long, short]) await seedRead(store, key, ME, SHALLOW)
  await store.run('VACUUM ANALYZE')
  await store.run('CHECKPOINT')
  const session = await LightSession.login(hongyan.port, ME)
  const last = deep + 1_000

  /** Asks in turns with slightly moving starts; the median of each. */
  const compare = async (asks: readonly ((n: number) => readonly [string, object])[]): Promise<readonly number[]> => {
    const times = asks.map((): number[] => [])
    for (let n = 0; n < ASKS; n++) {
      for (const [index, ask] of asks.entries()) {
        const { ms, body } = await session.ask(...ask(n))
        if (n >= 20) times[index]?.push(ms)
        const { messages, entries } = body as { messages?: readonly unknown[]; entries?: readonly unknown[] }
        if ((messages ?? entries)?.length !== PAGE) throw new Error('not a full page')
      }
    }
    return times.map(median)
  }
  const older =
    (conversationId: string, from: (n: number) => object) =>
    (n: number): readonly [string, object] => [
      'message.history',
      { conversationId, direction: 'older', limit: PAGE, from: from(n) },
    ]
  const pull =
    (conversationId: string, after: (n: number) => number) =>
    (n: number): readonly [string, object] => [
      'sync.pull',
      { timeline: `c:${conversationId}`, after: after(n), limit: PAGE },
    ]
  const spread = (n: number): number => (n * 7) % 200
  const figures = [
    ...rowsOf(
      `history, a page of ${PAGE}`,
      SHALLOW,
      deep,
      await compare([
        older(long.conversationId, (n) => ({ seq: last - SHALLOW - spread(n) })),
        older(long.conversationId, (n) => ({ seq: last - deep - spread(n) + 200 })),
      ]),
    ),
    ...rowsOf(
      'history by time',
      SHALLOW,
      deep,
      await compare([
        older(long.conversationId, (n) => ({ atMs: sentAtMs(last - SHALLOW - spread(n)) })),
        older(long.conversationId, (n) => ({ atMs: sentAtMs(last - deep - spread(n) + 200) })),
      ]),
    ),
    ...rowsOf(
      `log after a cursor, a page of ${PAGE}, in a timeline of`,
      SHALLOW,
      last,
      await compare([
        pull(short.conversationId, (n) => SHALLOW - 400 + spread(n)),
        pull(long.conversationId, (n) => last - 400 + spread(n)),
      ]),
    ),
  ]
  session.close()
  return figures
}

function rowsOf(
  name: string,
  near: number,
  far: number,
  [nearMs = 0, farMs = 0]: readonly number[],
): readonly Figure[] {
  return [
    { name: `${name}, ${near.toLocaleString('en')}`, hongyan: nearMs, unit: 'ms', goal: '' },
    {
      name: `${name}, ${far.toLocaleString('en')} (${(farMs / nearMs).toFixed(2)} of the former)`,
      hongyan: farMs,
      unit: 'ms',
      goal: 'ratio <= 1.5',
    },
  ]
}
