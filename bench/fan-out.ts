import { measureBroadcast, type Crowd } from './broadcast.ts'
import { connectLight, inParallel, LightSession } from './light-session.ts'
import type { Figure } from './report.ts'
import { seedGroup, seedUsers } from './seeds.ts'
import { scaled, type World } from './world.ts'

const SIZES = [200, 1_000, 5_000] as const
const WIDTH = 20
const SPEAKER = 'speaker'

/** Durable messages to groups whose members are there; each member is in every group that is large enough for him. */
export async function runFanOut(world: World): Promise<readonly Figure[]> {
  const sizes = [...new Set(SIZES.map((size) => scaled(size, 20)))]
  await seedUsers(world.store, SPEAKER, 1)
  await seedUsers(world.store, 'm', Math.max(...sizes))
  for (const members of sizes)
    await seedGroup(world.store, { id: `g${members}`, owner: `${SPEAKER}0`, prefix: 'm', members })
  await world.store.run('ANALYZE')
  const crowd: Crowd = { relay: [], hongyan: [] }
  const figures: Figure[] = []
  for (const size of sizes) {
    await grow(world, crowd, size)
    const speaker = await LightSession.login(world.hongyan.port, `${SPEAKER}0`)
    figures.push(
      ...(await measureBroadcast(world, crowd, {
        conversationId: `group:g${size}`,
        speaker,
        command: 'message.send',
        name: 'group fan-out',
        goal: 'ratio >= 0.9',
      })),
    )
    speaker.close()
  }
  for (const client of [...crowd.relay, ...crowd.hongyan]) client.close()
  return figures
}

async function grow(world: World, crowd: Crowd, size: number): Promise<void> {
  const from = crowd.relay.length
  crowd.relay.push(...(await inParallel(size - from, WIDTH, () => connectLight(world.relay.port, '/'))))
  crowd.hongyan.push(
    ...(await inParallel(size - from, WIDTH, (index) => LightSession.login(world.hongyan.port, `m${from + index}`))),
  )
}
