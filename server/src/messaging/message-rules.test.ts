import { Refused, type GroupType } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ACCOUNT_KEY } from '../accounts/account-rules.ts'
import type { SpeakerRow } from './group-facts.ts'
import { assertMayModify, assertMayRevoke, type GroupScene } from './message-rules.ts'

const SENDER = 7
const OTHER = 8
const SENT_AT_MS = 1000
const WINDOW_MS = 120_000
const message = { senderKey: SENDER, sentAtMs: SENT_AT_MS }
const tip = { senderKey: SYSTEM_ACCOUNT_KEY, sentAtMs: SENT_AT_MS }
const IN_TIME = SENT_AT_MS + WINDOW_MS
const LATE = IN_TIME + 1

const ROLES = ['owner', 'admin', 'member'] as const
type Role = (typeof ROLES)[number]

function placeOf(accountKey: number, role: Role, type: GroupType): SpeakerRow {
  const nothing = { timelineKey: 1, mutedUntilMs: 0, nameCard: '', isMuted: false }
  return { ...nothing, accountKey, role: ROLES.indexOf(role), type }
}

/** Somebody acts on a message of somebody else, who may have left. */
function sceneOf(type: GroupType, self: Role | undefined, sender: Role | undefined): GroupScene {
  return {
    self: self && placeOf(OTHER, self, type),
    sender: sender && placeOf(SENDER, sender, type),
  }
}

/** Somebody acts on his own message. */
function ownScene(type: GroupType, role: Role): GroupScene {
  const place = placeOf(SENDER, role, type)
  return { self: place, sender: place }
}

function refusalOf(run: () => void): string | undefined {
  try {
    run()
    return undefined
  } catch (err) {
    return err instanceof Refused ? err.code : String(err)
  }
}

function revoking(accountKey: number, nowMs: number, scene?: GroupScene, windowMs = WINDOW_MS): string | undefined {
  return refusalOf(() => assertMayRevoke(message, accountKey, scene, { nowMs, windowMs }))
}

function modifying(accountKey: number, scene?: GroupScene): string | undefined {
  return refusalOf(() => assertMayModify(message, accountKey, scene))
}

describe('revoking in a one-to-one conversation', () => {
  test('the sender may until the last moment of the window', () => {
    expect(revoking(SENDER, SENT_AT_MS)).toBeUndefined()
    expect(revoking(SENDER, IN_TIME)).toBeUndefined()
    expect(revoking(SENDER, LATE)).toBe('REVOKE_WINDOW_OVER')
  })

  test('the other may not, and is told why before he is told of the window', () => {
    expect(revoking(OTHER, SENT_AT_MS)).toBe('NOT_THE_SENDER')
    expect(revoking(OTHER, LATE)).toBe('NOT_THE_SENDER')
  })

  test('a clock that went back does not close the window', () => {
    expect(revoking(SENDER, 0)).toBeUndefined()
  })

  test('a window of 0 closes it at the next millisecond', () => {
    expect(revoking(SENDER, SENT_AT_MS, undefined, 0)).toBeUndefined()
    expect(revoking(SENDER, SENT_AT_MS + 1, undefined, 0)).toBe('REVOKE_WINDOW_OVER')
  })
})

describe.each<GroupType>(['public', 'meeting', 'community'])('in a %s group', (type) => {
  test('the sender may revoke within the window, and owner and admins their own at any time', () => {
    for (const role of ROLES) expect(revoking(SENDER, IN_TIME, ownScene(type, role))).toBeUndefined()
    expect(revoking(SENDER, LATE, ownScene(type, 'member'))).toBe('REVOKE_WINDOW_OVER')
    expect(revoking(SENDER, LATE, ownScene(type, 'admin'))).toBeUndefined()
    expect(revoking(SENDER, LATE, ownScene(type, 'owner'))).toBeUndefined()
  })

  /** Who acts, on whose message: what both commands answer. */
  const TABLE: readonly (readonly [Role | undefined, Role | undefined, string | undefined])[] = [
    ['owner', 'admin', undefined],
    ['owner', 'member', undefined],
    ['owner', undefined, undefined],
    ['admin', 'owner', 'NOT_PERMITTED'],
    ['admin', 'admin', 'NOT_PERMITTED'],
    ['admin', 'member', undefined],
    ['admin', undefined, undefined],
    ['member', 'owner', 'NOT_PERMITTED'],
    ['member', 'admin', 'NOT_PERMITTED'],
    ['member', 'member', 'NOT_PERMITTED'],
    ['member', undefined, 'NOT_PERMITTED'],
    [undefined, 'member', 'NOT_THE_SENDER'],
    [undefined, undefined, 'NOT_THE_SENDER'],
  ]

  test.each(TABLE)(
    '%s may revoke and change what a member of role %s has said: refusal %s',
    (self, sender, refusal) => {
      for (const nowMs of [SENT_AT_MS, IN_TIME, LATE]) {
        expect(revoking(OTHER, nowMs, sceneOf(type, self, sender))).toBe(refusal)
      }
      expect(modifying(OTHER, sceneOf(type, self, sender))).toBe(refusal)
    },
  )
})

describe('in a work group, which has no admins', () => {
  test('the owner may revoke and change what members said, a member only his own', () => {
    expect(revoking(OTHER, LATE, sceneOf('work', 'owner', 'member'))).toBeUndefined()
    expect(modifying(OTHER, sceneOf('work', 'owner', 'member'))).toBeUndefined()
    expect(revoking(OTHER, SENT_AT_MS, sceneOf('work', 'member', 'member'))).toBe('NOT_PERMITTED')
    expect(modifying(OTHER, sceneOf('work', 'member', 'member'))).toBe('NOT_PERMITTED')
    expect(revoking(SENDER, IN_TIME, ownScene('work', 'member'))).toBeUndefined()
    expect(modifying(SENDER, ownScene('work', 'member'))).toBeUndefined()
  })
})

describe('changing', () => {
  test('one-to-one both may, as with Tencent IM', () => {
    expect(modifying(SENDER)).toBeUndefined()
    expect(modifying(OTHER)).toBeUndefined()
  })

  test('in a group its sender may, whatever his rank, and as long as the message is there', () => {
    for (const role of ROLES) expect(modifying(SENDER, ownScene('public', role))).toBeUndefined()
  })
})

test('what the server has said stays as it is, for everybody', () => {
  const scenes = [undefined, ...ROLES.map((role) => sceneOf('public', role, undefined))]
  for (const scene of scenes) {
    for (const key of [SENDER, SYSTEM_ACCOUNT_KEY]) {
      const window = { nowMs: SENT_AT_MS, windowMs: WINDOW_MS }
      expect(refusalOf(() => assertMayRevoke(tip, key, scene, window))).toBe('NOT_REVOCABLE')
      expect(refusalOf(() => assertMayModify(tip, key, scene))).toBe('NOT_MODIFIABLE')
    }
  }
})
