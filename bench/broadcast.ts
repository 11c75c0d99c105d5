import type { LightClient } from '../loadtest/src/wire/light-client.ts'
import { cpuMsOf } from './cpu.ts'
import { connectLight, type LightSession } from './light-session.ts'
import { median, share, type Figure } from './report.ts'
import { listen, Room, textOf, type Saturated } from './room.ts'
import { scaled, type World } from './world.ts'

export const IN_FLIGHT = 16
const ROUNDS = 3
const SECONDS = 4
const WHO = ['relay', 'hongyan'] as const

/** Those who listen at both servers: as many at the one as at the other. */
export interface Crowd {
  readonly relay: LightClient[]
  readonly hongyan: LightSession[]
}

/** A group in which the whole crowd of Hongyan's hears the speaker. */
export interface Hall {
  readonly conversationId: string
  readonly speaker: LightSession
  /** What the speaker says things with. */
  readonly command: 'message.send' | 'message.sendVolatile'
  /** What its figures are called. */
  readonly name: string
  /** Of the deliveries. */
  readonly goal: string
}

/** Messages to everybody in the hall, in turns with a relay that passes on the very same bytes to as many. */
export async function measureBroadcast(world: World, crowd: Crowd, hall: Hall): Promise<readonly Figure[]> {
  const size = crowd.hongyan.length
  const { room: hongyan, frame } = await hongyanRoom(crowd.hongyan, hall)
  const { room: relay, close } = await relayRoom(world, crowd.relay, frame)
  const rooms = { relay, hongyan }
  const full: Record<(typeof WHO)[number], Saturated[]> = { relay: [], hongyan: [] }
  const costs: Record<(typeof WHO)[number], number[]> = { relay: [], hongyan: [] }
  const cpuMs = {
    relay: () => cpuMsOf(world.relay.pid),
    hongyan: () => cpuMsOf(world.hongyan.pid) + cpuMsOf(world.store.pid),
  }
  // In turns, so that what else the machine is doing hits both.
  for (let round = 0; round < ROUNDS; round++) {
    for (const who of WHO) {
      const [delivered, usedMs] = [rooms[who].delivered, cpuMs[who]()]
      full[who].push(await rooms[who].saturate(IN_FLIGHT, scaled(SECONDS, 1)))
      costs[who].push(((cpuMs[who]() - usedMs) * 1000) / (rooms[who].delivered - delivered))
    }
  }
  const rate = (who: (typeof WHO)[number]): number => median(full[who].map(({ perSecond }) => perSecond))
  const times: Record<(typeof WHO)[number], number[]> = { relay: [], hongyan: [] }
  const messagesPerSecond = Math.min(rate('relay'), rate('hongyan')) / size / 2
  for (let round = 0; round < ROUNDS; round++) {
    for (const who of WHO) times[who].push(...(await rooms[who].atRate(messagesPerSecond, scaled(SECONDS, 1))))
  }
  close()
  for (const listener of crowd.hongyan) listener.onPush = () => {}
  const busy = WHO.map((who) => `${who} ${median(full[who].map(({ loadBusy }) => loadBusy)).toFixed(2)}`).join(', ')
  console.error(`${hall.name}, ${size}: the load's core was busy for a share of ${busy}`)
  const figure = (name: string, unit: string, goal: string, of: (who: (typeof WHO)[number]) => number): Figure => ({
    name: `${hall.name}, ${size.toLocaleString('en')} there: ${name}`,
    relay: of('relay'),
    hongyan: of('hongyan'),
    unit,
    goal,
  })
  return [
    figure(`${IN_FLIGHT} sends in flight`, 'deliveries/s', hall.goal, rate),
    // Also where the load's core is what limits: to read a frame by itself costs it more than to read many at once.
    figure('CPU of the server, and its database, for one delivery', 'µs', '', (who) => median(costs[who])),
    figure('p99 until the last has it, so loaded', 'ms', '', (who) => median(full[who].map(({ p99Ms }) => p99Ms))),
    figure('p50 until the last has it, both at half of the slower rate', 'ms', '', (who) => median(times[who])),
    figure('p99 until the last has it, both at half of the slower rate', 'ms', '', (who) => share(times[who], 0.99)),
  ]
}

async function hongyanRoom(
  listeners: readonly LightSession[],
  { conversationId, speaker, command }: Hall,
): Promise<{ readonly room: Room; readonly frame: string }> {
  const run = Date.now()
  let said = 0
  const draft = (): object => ({
    conversationId,
    clientMsgId: `${run}-${said}`,
    elements: [{ type: 'text', text: textOf(said++) }],
  })
  // One beforehand, for the relay to pass on the same.
  const heard = listeners.map(
    (listener) =>
      new Promise<string>((resolve) => {
        // Read by the first alone: thousands of copies are no part of this.
        listener.onPush = (bytes, start, end) =>
          resolve(listener === listeners[0] ? bytes.toString('utf8', start, end) : '')
      }),
  )
  await speaker.ask(command, draft())
  const [frame = ''] = await Promise.all(heard)
  const room = new Room(listeners.length, { say: () => speaker.tell(command, draft()), answers: 1 })
  listeners.forEach((listener, index) => {
    listener.onPush = () => room.hear(index)
  })
  speaker.onReply = () => room.hearAnswer()
  return { room, frame }
}

async function relayRoom(
  world: World,
  listeners: readonly LightClient[],
  frame: string,
): Promise<{ readonly room: Room; readonly close: () => void }> {
  const size = listeners.length
  const joined = listeners.map(
    (listener) =>
      new Promise<void>((resolve) => {
        listen(listener, resolve)
        listener.send(`join ${size}`)
      }),
  )
  await Promise.all(joined)
  const speaker = await connectLight(world.relay.port, '/')
  const room = new Room(size, { say: () => speaker.send(`#${size} ${frame}`), answers: 0 })
  listeners.forEach((listener, index) => listen(listener, () => room.hear(index)))
  return { room, close: () => speaker.close() }
}
