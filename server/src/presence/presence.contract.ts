import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Presence, PresentSession } from './presence.ts'

const PATIENCE = { timeout: 10_000, interval: 5 }

/** The guarantee of the seam, in its own words; run by every implementation. */
export function describePresence(name: string, open: () => Presence): void {
  describe(`${name} keeps the presence contract`, () => {
    let presence: Presence
    beforeEach(async () => {
      presence = open()
      await vi.waitFor(async () => {
        presence.arrive(session('first', 1))
        expect((await presence.whereabouts(['first'])).size).toBe(1)
      }, PATIENCE)
    })
    afterEach(() => presence.close())

    test('who arrived is there with all sessions, and users without one are absent', async () => {
      presence.arrive(session('alice', 1, 'web'))
      presence.arrive(session('alice', 2, 'wx'))
      presence.arrive(session('张老师', 7))
      await eventually(presence, ['alice', 'bob', '张老师', 'alic', ''], {
        alice: [session('alice', 1, 'web'), session('alice', 2, 'wx')],
        张老师: [session('张老师', 7)],
      })
    })

    test('who left is gone, and only that session', async () => {
      presence.arrive(session('alice', 1))
      presence.arrive(session('alice', 2))
      await eventually(presence, ['alice'], { alice: [session('alice', 1), session('alice', 2)] })
      presence.leave(session('alice', 1))
      await eventually(presence, ['alice'], { alice: [session('alice', 2)] })
      presence.leave(session('alice', 2))
      await eventually(presence, ['alice'], {})
    })

    test('arriving twice is once, and leaving without having arrived is harmless', async () => {
      presence.arrive(session('alice', 1))
      presence.arrive(session('alice', 1))
      presence.leave(session('alice', 3))
      presence.leave(session('bob', 1))
      await eventually(presence, ['alice', 'bob'], { alice: [session('alice', 1)] })
      presence.leave(session('alice', 1))
      await eventually(presence, ['alice'], {})
    })

    test('the last word about a session counts, however fast they follow each other', async () => {
      for (let i = 0; i < 20; i += 1) {
        presence.arrive(session('stays', 1))
        presence.arrive(session('goes', 1))
        if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
        presence.leave(session('stays', 1))
        presence.leave(session('goes', 1))
      }
      presence.arrive(session('stays', 1))
      await eventually(presence, ['stays', 'goes'], { stays: [session('stays', 1)] })
    })

    test('thousands of users are asked about at once, also twice in one question', async () => {
      const users = Array.from({ length: 3_000 }, (_, i) => `user ${i}`)
      for (const user of users.slice(0, 2_000)) presence.arrive(session(user, 1))
      await vi.waitFor(async () => {
        const found = await presence.whereabouts([...users, ...users])
        expect(found.size).toBe(2_000)
        expect(found.get('user 1999')).toEqual([session('user 1999', 1)])
      }, PATIENCE)
      expect((await presence.whereabouts([])).size).toBe(0)
    })

    test('after close nobody is there, and nothing throws', async () => {
      await presence.close()
      presence.arrive(session('alice', 1))
      presence.leave(session('alice', 1))
      expect((await presence.whereabouts(['first'])).size).toBe(0)
      await presence.close()
    })
  })
}

export function session(userId: string, loginKey: number, device = 'web'): PresentSession {
  return { userId, loginKey, device }
}

/** Presence is written behind the caller's back: wait until it says so. */
export async function eventually(
  presence: Presence,
  asked: readonly string[],
  expected: Readonly<Record<string, readonly PresentSession[]>>,
): Promise<void> {
  await vi.waitFor(async () => {
    const found = [...(await presence.whereabouts(asked))].map(([userId, sessions]) => [
      userId,
      sessions.toSorted((one, other) => one.loginKey - other.loginKey),
    ])
    expect(Object.fromEntries(found)).toEqual(expected)
  }, PATIENCE)
}
