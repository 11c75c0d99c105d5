import { describe, expect, test } from 'vitest'
import { Chat } from '../src/tim/chat.ts'
import { EVENT } from '../src/tim/events.ts'
import { createFacade } from '../src/tim/facade.ts'
import { virtualPlatform } from './fake-client.ts'
import { annBob, annEve, ann, bob, eve, Rig } from './rig.ts'

// What an application hears of a message that comes while it logs in. The core and TIM's face are the real ones.

/** The last moment at which something is said, ms after the login began; by then it is long done. */
const LAST_MOMENT_MS = 80

/** A login of Ann's whose list comes in two pages; Bob and Eve say something `atMs` into it. */
async function sayDuringLogin(atMs: number) {
  const rig = new Rig(atMs)
  rig.server.pageSize = 1
  rig.say(bob, ann, 'earlier')
  rig.say(eve, ann, 'earlier')
  const device = rig.device(ann)
  const { client } = device
  const platform = virtualPlatform(rig.clock)
  const chat = new Chat({
    client,
    platform,
    isThrottled: false,
    isPartial: false,
    onThrown: (e) => device.errors.push(e),
  })
  const facade = createFacade(chat, () => undefined)
  const heard: string[] = []
  let hasResolved = false
  let isReady = false
  facade.on(EVENT.SDK_READY, () => (isReady = true))
  facade.on(EVENT.MESSAGE_RECEIVED, ({ data }) => heard.push(...data.map((message) => String(message.payload['text']))))
  void facade.login({ userID: ann, userSig: `sig:${ann}` }).then(() => (hasResolved = true))
  await rig.clock.pass(atMs)
  const before = { hasResolved, isReady }
  for (const peer of [bob, eve]) rig.say(peer, ann, `from ${peer}`)
  await rig.clock.pass(5000)
  rig.expectSound()
  return { before, heard, unread: [annBob, annEve].map((id) => client.conversation(id)?.unread) }
}

describe('a message that comes', () => {
  test('once login() has resolved is told of; before, it is counted at least', async () => {
    const resolved: boolean[] = []
    for (let atMs = 0; atMs <= LAST_MOMENT_MS; atMs++) {
      const { before, heard, unread } = await sayDuringLogin(atMs)
      resolved.push(before.hasResolved)
      expect(unread, `${atMs} ms`).toEqual([2, 2])
      expect(heard, `${atMs} ms`).not.toContain('earlier')
      if (before.hasResolved || before.isReady) {
        expect([...heard].sort(), `${atMs} ms`).toEqual(['from bob', 'from eve'])
      }
    }
    expect(resolved[0]).toBe(false)
    expect(resolved.at(-1)).toBe(true)
  })
})
