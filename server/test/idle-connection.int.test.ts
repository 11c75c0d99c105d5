import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Device } from './kit/device.ts'
import { startWorld } from './kit/world.ts'

const ACCEPTED = 'net.server.socket'

test('a connection that was upgraded does not keep its request, headers and all', async () => {
  const world = await startWorld()
  onTestFinished(() => world.stop())
  const accepted: Socket[] = []
  const note = (message: unknown): void => void accepted.push((message as { readonly socket: Socket }).socket)
  subscribe(ACCEPTED, note)
  onTestFinished(() => void unsubscribe(ACCEPTED, note))
  const teacher = await Device.login(world, 'idle_teacher')
  const open = accepted.filter((socket) => !socket.destroyed)
  expect(open).toHaveLength(1)
  expect(open.map((socket): unknown => Reflect.get(socket, '_httpMessage'))).toEqual([null])
  await teacher.leave()
})
