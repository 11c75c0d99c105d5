import {
  ERRORS,
  MIN_PROTOCOL_VERSION,
  parseUserId,
  PROTOCOL_VERSION,
  Refused,
  type CLOSE,
  type CloseName,
  type ErrorName,
  type RequestOf,
  type UserId,
} from '@hongyan/protocol'
import type { Account } from '../accounts/account-reader.ts'
import type { AccountsService } from '../accounts/accounts-service.ts'
import { UserSigRejected, type UserSigRejectionReason, type UserSigVerifier } from '../auth/user-sig.ts'
import type { LoginsService } from '../logins/logins-service.ts'
import type { Rates } from '../rates/rates.ts'

/** Somebody who was let in. */
export interface Admitted {
  readonly account: Account
  readonly loginKey: number
  /** When the signature ends, and the session with it. */
  readonly expiresAtMs: number
}

export interface DoorDeps {
  readonly sdkAppId: number
  readonly verifier: UserSigVerifier
  readonly accounts: AccountsService
  readonly logins: LoginsService
  readonly rates: Rates
}

/** Lets sessions in: version, application, signature, account, place. In this order, the cheap before the dear. */
export class Door {
  readonly #deps: DoorDeps

  constructor(deps: DoorDeps) {
    this.#deps = deps
  }

  /** Everything that needs no database: refuses most of what must be refused. */
  check(
    request: RequestOf<'session.open'>,
    address: string,
  ): { readonly userId: UserId; readonly expiresAtMs: number } {
    const { protocolVersion, sdkAppId } = request
    if (protocolVersion < MIN_PROTOCOL_VERSION || protocolVersion > PROTOCOL_VERSION) {
      throw new Refused('VERSION_NOT_SUPPORTED')
    }
    if (sdkAppId !== this.#deps.sdkAppId) throw new Refused('WRONG_APP')
    const userId = parseUserId(request.userId)
    if (userId === undefined) throw new Refused('BAD_USER_ID')
    const expiresAtMs = this.#verify(request, userId, address)
    this.#deps.rates.take(
      { limit: 'openings of a user', key: userId },
      { limit: 'openings of an address', key: address },
    )
    return { userId, expiresAtMs }
  }

  /**
   * What fails is counted, and beyond its limit no longer told why. Who has a good signature pays for none of it: nobody
   * locks out another, not from the same address either. It costs little, and no database: whether there is such a user
   * nobody learns here.
   */
  #verify({ userSig, sdkAppId }: RequestOf<'session.open'>, userId: UserId, address: string): number {
    try {
      return this.#deps.verifier.verify(userSig, { sdkAppId, userId }).expiresAtMs
    } catch (err) {
      if (!(err instanceof UserSigRejected)) throw err
      this.#deps.rates.take({ limit: 'failed openings', key: `${address} ${userId}` })
      throw new Refused(REFUSAL_OF[err.reason])
    }
  }

  async account(userId: UserId): Promise<Account> {
    const account = await this.#deps.accounts.arriving(userId)
    if (!account) throw new Refused('NO_SUCH_USER')
    if (account.isDisabled) throw new Refused('ACCOUNT_DISABLED')
    return account
  }

  /** Takes a place for the instance; see LoginsService.admit. */
  admit(account: Account, request: RequestOf<'session.open'>, sessionId: string): Promise<number> {
    return this.#deps.logins.admit({
      userId: account.id,
      accountKey: account.key,
      device: request.device,
      instanceId: request.instanceId,
      resume: request.resume,
      sessionId,
    })
  }

  /** Gives the place back. */
  release(loginKey: number): Promise<void> {
    return this.#deps.logins.release(loginKey)
  }
}

const REFUSAL_OF: Readonly<Record<UserSigRejectionReason, ErrorName>> = {
  empty: 'SIGNATURE_EMPTY',
  unparsable: 'SIGNATURE_UNREADABLE',
  signature: 'SIGNATURE_INVALID',
  expired: 'SIGNATURE_EXPIRED',
  'not-yet-valid': 'SIGNATURE_INVALID',
  'other-user': 'SIGNATURE_OF_OTHER_USER',
  'other-app': 'SIGNATURE_OF_OTHER_APP',
}

/** With which code the connection of a refused opening is closed. */
export function closeNameOf(name: ErrorName): CloseName {
  if (ERRORS[name].retryable) return 'BUSY'
  return CLOSE_OF[name] ?? 'SIGNATURE_INVALID'
}

const CLOSE_OF: Partial<Record<ErrorName, CloseName>> = {
  VERSION_NOT_SUPPORTED: 'VERSION_NOT_SUPPORTED',
  SIGNATURE_EXPIRED: 'SIGNATURE_EXPIRED',
  DISPLACED: 'DISPLACED_BY_ACCOUNT',
  ACCOUNT_DISABLED: 'ACCOUNT_DISABLED',
  BAD_REQUEST: 'BAD_FRAME',
} satisfies Partial<Record<ErrorName, keyof typeof CLOSE>>
