import {
  CLOSE,
  ERRORS,
  MIN_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  Refused,
  type ErrorName,
  type RequestOf,
} from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { OPENING, ratesOf } from '../../test/kit/session-stand.ts'
import { createKeyRing } from '../auth/key-ring.ts'
import { signTlsUserSig } from '../auth/tls-user-sig.ts'
import { createUserSigVerifier } from '../auth/verifier.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { closeNameOf, Door } from './door.ts'

const keys = createKeyRing(['0123456789abcdef'.repeat(4)])
const clock = new ManualClock()
const SDK_APP_ID = OPENING.sdkAppId
const ADDRESS = '192.0.2.1'

function sign(userId: string, fields: object = {}): string {
  return signTlsUserSig(keys, { userId, sdkAppId: SDK_APP_ID, issuedAtMs: clock.now(), lifetimeS: 3600, ...fields })
}

function openingOf(fields: object): RequestOf<'session.open'> {
  return { ...OPENING, userSig: sign('anna'), ...fields } as unknown as RequestOf<'session.open'>
}

/** A door whose accounts are those given; nothing behind it is asked when the check refuses. */
function doorOf(accounts: readonly { readonly isDisabled: boolean }[] = []): Door {
  return new Door({
    sdkAppId: SDK_APP_ID,
    verifier: createUserSigVerifier(keys, clock),
    accounts: { arriving: () => Promise.resolve(accounts[0]) } as never,
    logins: {} as never,
    rates: ratesOf(clock, 200),
  })
}

function refusalOf(fields: object): ErrorName | undefined {
  try {
    doorOf().check(openingOf(fields), ADDRESS)
    return undefined
  } catch (err) {
    if (err instanceof Refused) return err.code
    throw err
  }
}

describe('the door', () => {
  test('lets in whose signature is in order, until it ends', () => {
    expect(doorOf().check(openingOf({}), ADDRESS)).toMatchObject({
      userId: 'anna',
      expiresAtMs: clock.now() + 3_600_000,
    })
  })

  test('[OPEN-3] serves the versions of its window and refuses all others', () => {
    for (let version = MIN_PROTOCOL_VERSION; version <= PROTOCOL_VERSION; version++) {
      expect(refusalOf({ protocolVersion: version })).toBeUndefined()
    }
    for (const version of [MIN_PROTOCOL_VERSION - 1, PROTOCOL_VERSION + 1, -1, Number.MAX_SAFE_INTEGER]) {
      expect(refusalOf({ protocolVersion: version })).toBe('VERSION_NOT_SUPPORTED')
    }
  })

  test('[OPEN-3] says so before it looks at anything else, so that an old client is told the one thing that helps', () => {
    expect(refusalOf({ protocolVersion: 0, sdkAppId: 1, userId: '', userSig: '' })).toBe('VERSION_NOT_SUPPORTED')
  })

  test.each<[string, object, ErrorName]>([
    ['another application', { sdkAppId: 1 }, 'WRONG_APP'],
    ['no user id', { userId: ' ' }, 'BAD_USER_ID'],
    ['an empty signature', { userSig: '' }, 'SIGNATURE_EMPTY'],
    ['a signature that cannot be read', { userSig: 'nonsense' }, 'SIGNATURE_UNREADABLE'],
    ['a signature of another', { userSig: sign('bert') }, 'SIGNATURE_OF_OTHER_USER'],
    ['a signature for another application', { userSig: sign('anna', { sdkAppId: 1 }) }, 'SIGNATURE_OF_OTHER_APP'],
    ['an expired signature', { userSig: sign('anna', { issuedAtMs: clock.now() - 7_200_000 }) }, 'SIGNATURE_EXPIRED'],
  ])('[OPEN-4] %s is refused by name', (_what, fields, name) => {
    expect(refusalOf(fields)).toBe(name)
  })

  test('what fails too often is no longer told why, and whoever has a good signature is let in all the same', () => {
    const door = doorOf()
    const attempt = (fields: object, address = ADDRESS): string => {
      try {
        return door.check(openingOf(fields), address).userId
      } catch (err) {
        return err instanceof Refused ? `${err.code}${err.retryAfterMs === undefined ? '' : ' later'}` : String(err)
      }
    }
    const forged = { userSig: sign('bert') }
    const answers = Array.from({ length: 30 }, () => attempt(forged))
    expect(answers.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 'SIGNATURE_OF_OTHER_USER'))
    expect(answers.slice(20)).toEqual(Array.from({ length: 10 }, () => 'TOO_MANY_REQUESTS later'))
    expect(attempt({})).toBe('anna')
    expect(attempt(forged, '192.0.2.2')).toBe('SIGNATURE_OF_OTHER_USER')
    expect(attempt({ userId: 'carla', ...forged })).toBe('SIGNATURE_OF_OTHER_USER')
  })

  test('a user who opens session after session is refused for a while, and nobody else at the address is', () => {
    const door = doorOf()
    const open = (userId: string): string => {
      try {
        return door.check(openingOf({ userId, userSig: sign(userId) }), ADDRESS).userId
      } catch (err) {
        return err instanceof Refused && err.retryAfterMs !== undefined ? err.code : String(err)
      }
    }
    const answers = Array.from({ length: 100 }, () => open('anna'))
    expect(answers.filter((answer) => answer === 'anna')).toHaveLength(60)
    expect(answers.filter((answer) => answer === 'TOO_MANY_REQUESTS')).toHaveLength(40)
    for (let n = 0; n < 200; n++) expect(open(`parent${n}`)).toBe(`parent${n}`)
  })

  test('[OPEN-4] an account that is disabled, or that there is not, is refused', async () => {
    const userId = doorOf().check(openingOf({}), ADDRESS).userId
    await expect(doorOf([{ isDisabled: true }]).account(userId)).rejects.toMatchObject({ code: 'ACCOUNT_DISABLED' })
    await expect(doorOf([]).account(userId)).rejects.toMatchObject({ code: 'NO_SUCH_USER' })
    await expect(doorOf([{ isDisabled: false }]).account(userId)).resolves.toMatchObject({ isDisabled: false })
  })

  test('[CLOSE-1] what may succeed later closes so that the client comes back, everything else so that it does not', () => {
    for (const [name, { retryable }] of Object.entries(ERRORS)) {
      const code = CLOSE[closeNameOf(name as ErrorName)]
      expect([name, code < 4500]).toEqual([name, retryable])
    }
  })
})
