import type { Cluster } from './cluster.ts'
import { inParallel, LightSession } from './light-session.ts'
import { Room, textOf } from './room.ts'
import { seedGroup, seedUsers } from './seeds.ts'

const CONNECTING = 50

/** A group whose members are spread over all gateways of a cluster; one of them speaks, who is not counted. */
export async function openClass(
  { store, gateways }: Cluster,
  members: number,
): Promise<{ readonly room: Room; readonly close: () => void }> {
  const [speakerId, prefix, id] = [`speaker${members}-`, `m${members}-`, `class${members}`]
  await seedUsers(store, speakerId, 1)
  await seedUsers(store, prefix, members)
  await seedGroup(store, { id, owner: `${speakerId}0`, prefix, members })
  await store.run('ANALYZE')
  const portOf = (index: number): number => gateways[index % gateways.length]?.port ?? 0
  const speaker = await LightSession.login(portOf(0), `${speakerId}0`)
  const login = (index: number): Promise<LightSession> => LightSession.login(portOf(index), `${prefix}${index}`)
  const listeners = await inParallel(members, CONNECTING, login)
  const run = Date.now()
  let said = 0
  const say = (): void => {
    const elements = [{ type: 'text', text: textOf(said) }]
    speaker.tell('message.send', { conversationId: `group:${id}`, clientMsgId: `${run}-${said++}`, elements })
  }
  const room = new Room(members, { say, answers: 1 })
  for (const [index, listener] of listeners.entries()) listener.onPush = () => room.hear(index)
  speaker.onReply = () => room.hearAnswer()
  const close = (): void => {
    for (const session of [speaker, ...listeners]) session.close()
  }
  return { room, close }
}
