import { describe, expect, test } from 'vitest'
import { CLOSE } from '@hongyan/protocol'
import { obeyControl } from './control.ts'
import { SessionRegistry, type RegisteredSession } from './session-registry.ts'

interface Noted extends RegisteredSession {
  closedWith?: number
}

function sessionOf(id: string, loginKey?: number): Noted {
  const session: Noted = {
    id,
    loginKey,
    userId: 'anna',
    isOpen: loginKey !== undefined,
    epoch: undefined,
    checkHealth: () => {},
    close: (code) => (session.closedWith = code),
  }
  return session
}

function registryOf(...sessions: readonly Noted[]): SessionRegistry {
  const registry = new SessionRegistry()
  for (const session of sessions) {
    registry.add(session)
    registry.enter(session)
  }
  return registry
}

describe('the registry', () => {
  test('counts connections, and sessions among them', () => {
    const [open, opening] = [sessionOf('s1', 1), sessionOf('s2')]
    const registry = registryOf(open, opening)
    expect([registry.connections, registry.sessions]).toEqual([2, 1])
    expect(registry.loginKeys()).toEqual([1])
    registry.remove(open)
    registry.remove(open)
    expect([registry.connections, registry.sessions]).toEqual([1, 0])
    expect(registry.loginKeys()).toEqual([])
    expect(registry.ofLogin(1)).toEqual([])
  })

  test('who is displaced while still on the way in is told so when entering, as often as he tries', () => {
    const registry = registryOf()
    registry.displace(7, CLOSE.DISPLACED_BY_DEVICE)
    expect(registry.enter(sessionOf('s1', 7))).toBe(CLOSE.DISPLACED_BY_DEVICE)
    expect(registry.enter(sessionOf('s2', 7))).toBe(CLOSE.DISPLACED_BY_DEVICE)
    expect(registry.enter(sessionOf('s3', 8))).toBeUndefined()
  })

  test('a list that was given out does not change while it is walked', () => {
    const sessions = [sessionOf('s1', 1), sessionOf('s2', 1)]
    const registry = registryOf(...sessions)
    const seen: string[] = []
    for (const session of registry.ofLogin(1)) {
      registry.remove(session)
      seen.push(session.id)
    }
    expect(seen).toEqual(['s1', 's2'])
  })
})

describe('a control', () => {
  test('closes the sessions of displaced logins with the code of each, and no other', () => {
    const [kept, one, two] = [sessionOf('s1', 1), sessionOf('s2', 2), sessionOf('s3', 3)]
    obeyControl(registryOf(kept, one, two), {
      kind: 'displaced',
      logins: [
        { loginKey: 2, closeCode: CLOSE.DISPLACED_BY_ACCOUNT },
        { loginKey: 3, closeCode: CLOSE.DISPLACED_BY_DEVICE },
        { loginKey: 99, closeCode: CLOSE.REPLACED },
      ],
    })
    expect([kept, one, two].map(({ closedWith }) => closedWith)).toEqual([undefined, 4505, 4506])
  })

  test('closes the older connections of an instance that has come back, and not the newer', () => {
    const [older, newer, other] = [sessionOf('s1', 1), sessionOf('s2', 1), sessionOf('s3', 2)]
    obeyControl(registryOf(older, newer, other), { kind: 'replaced', loginKey: 1, bySessionId: 's2' })
    expect([older, newer, other].map(({ closedWith }) => closedWith)).toEqual([CLOSE.REPLACED, undefined, undefined])
  })
})
