import { expect, onTestFinished, test } from 'vitest'
import { Device } from './kit/device.ts'
import { startWorld } from './kit/world.ts'

test('what an administrator watches is counted, and names no person', async () => {
  const world = await startWorld()
  onTestFinished(() => world.stop())
  const teacher = await Device.login(world, 'watched_teacher')
  await teacher.say('watched_parent', '明天')
  const text = await (await fetch(`${world.endpoint()}/metrics`)).text()
  const value = (name: string): number => Number(new RegExp(`^hongyan_${name} (\\S+)$`, 'm').exec(text)?.[1])
  expect(value('connections')).toBe(1)
  expect(value('sessions')).toBe(1)
  expect(value('commits')).toBeGreaterThanOrEqual(1)
  expect(value('sends_waiting')).toBe(0)
  for (const pool of ['send', 'sync', 'admin']) {
    expect(value(`database_${pool}_open`)).toBeGreaterThanOrEqual(1)
    expect(value(`database_${pool}_waiting`)).toBe(0)
    expect(value(`database_${pool}_lost`)).toBe(0)
  }
  expect(text).not.toContain('watched')
  await teacher.leave()
})
