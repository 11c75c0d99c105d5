import { measureBroadcast, type Crowd } from './broadcast.ts'
import { connectLight, inParallel, LightSession } from './light-session.ts'
import type { Figure } from './report.ts'
import { seedUsers } from './seeds.ts'
import { callsOf, pause } from './store.ts'
import { scaled, type World } from './world.ts'

const VISITORS = 5_000
const WIDTH = 20
/** Some who read nothing, as on a line that stalls. */
const DEAF = 20
/** Nobody is told of those who came any more by then. */
const QUIET_MS = 2_000

/** A lesson in a live room: thousands come in at once, and hear what the owner says. */
export async function runLive(world: World): Promise<readonly Figure[]> {
  const count = scaled(VISITORS, 20)
  await seedUsers(world.store, 'host', 1)
  await seedUsers(world.store, 'v', count + DEAF)
  await world.store.run('ANALYZE')
  const { port } = world.hongyan
  const speaker = await LightSession.login(port, 'host0')
  await speaker.ask('group.create', { requestId: 'bench', groupId: 'lesson', type: 'live', name: '公开课' })
  const join = (session: LightSession): Promise<unknown> => session.ask('group.join', { groupId: 'lesson' })
  await join(speaker)
  const crowd: Crowd = {
    relay: [...(await inParallel(count, WIDTH, () => connectLight(world.relay.port, '/')))],
    hongyan: [...(await inParallel(count, WIDTH, (index) => LightSession.login(port, `v${index}`)))],
  }
  const startMs = performance.now()
  await inParallel(count, WIDTH, (index) => join(crowd.hongyan[index] ?? speaker))
  const perSecond = (count / (performance.now() - startMs)) * 1000
  const deaf = await inParallel(DEAF, WIDTH, async (index) => {
    const session = await LightSession.login(port, `v${count + index}`)
    await join(session)
    session.pause()
    return session
  })
  await pause(QUIET_MS)
  const before = world.hongyan.rss()
  const hall = { conversationId: 'group:lesson', speaker, command: 'message.sendVolatile', goal: '' } as const
  const figures = await measureBroadcast(world, crowd, { ...hall, name: 'live room' })
  const after = world.hongyan.rss()
  const statements = await world.store.countStatements(() =>
    speaker.ask('message.sendVolatile', {
      conversationId: hall.conversationId,
      clientMsgId: 'one',
      elements: [{ type: 'text', text: 'x' }],
    }),
  )
  for (const client of [...crowd.relay, ...crowd.hongyan, ...deaf, speaker]) client.close()
  return [
    {
      name: `coming into a live room, ${count.toLocaleString('en')} at once`,
      hongyan: perSecond,
      unit: 'visitors/s',
      goal: '',
    },
    ...figures,
    {
      name: `memory more after that than before, ${DEAF} visitors reading nothing all the time`,
      hongyan: (after - before) / 2 ** 20,
      unit: 'MiB',
      goal: 'bounded',
    },
    { name: 'statements for what is said in a live room', hongyan: callsOf(statements), unit: 'statements', goal: '' },
  ]
}
