import { CLOSE, Refused, userTimeline, type UserId } from '@hongyan/protocol'
import type { Db, Tx } from '../db/db.ts'
import type { Presence } from '../presence/presence.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { readLogins } from './login-reader.ts'
import { displacedBy, type Displacement, type LoginPolicy } from './login-rules.ts'
import { deleteLogins, insertLogin, lockAccount } from './login-writer.ts'

export interface LoginRequest {
  readonly userId: UserId
  readonly accountKey: number
  readonly device: string
  readonly instanceId: string
  /** The login an instance comes back to after a lost connection. */
  readonly resume: number | undefined
  /** The session that is being opened. */
  readonly sessionId: string
}

export interface LoginsDeps {
  readonly db: Db
  readonly presence: Presence
  readonly announcer: Announcer
  readonly policy: LoginPolicy
}

/** Decides who may be logged in (promise I7). The database decides, presence only advises whom to send away first. */
export class LoginsService {
  readonly #deps: LoginsDeps

  constructor(deps: LoginsDeps) {
    this.#deps = deps
  }

  /**
   * The loginKey under which the instance may act from now on. A fresh login displaces older ones as the policy says; a
   * resumed one displaces nobody and is refused DISPLACED when its place is gone.
   */
  async admit(request: LoginRequest): Promise<number> {
    const connected = await this.#connected(request)
    const { loginKey, displaced } = await this.#deps.db.transaction((tx) => this.#admit(tx, request, connected), {
      retry: true,
    })
    const timeline = userTimeline(request.userId)
    if (displaced.length > 0) this.#deps.announcer.announceControl(timeline, { kind: 'displaced', logins: displaced })
    if (request.resume !== undefined) {
      this.#deps.announcer.announceControl(timeline, { kind: 'replaced', loginKey, bySessionId: request.sessionId })
    }
    return loginKey
  }

  /** Frees the place of a login. Again is the same. */
  async release(loginKey: number): Promise<void> {
    await this.#deps.db.transaction((tx) => deleteLogins(tx, [loginKey]), { retry: true })
  }

  async #connected({ userId, resume }: LoginRequest): Promise<ReadonlySet<number>> {
    if (resume !== undefined || this.#deps.policy.instancesPerDevice === 1) return new Set()
    const sessions = (await this.#deps.presence.whereabouts([userId])).get(userId) ?? []
    return new Set(sessions.map((session) => session.loginKey))
  }

  async #admit(
    tx: Tx,
    request: LoginRequest,
    connected: ReadonlySet<number>,
  ): Promise<{ readonly loginKey: number; readonly displaced: readonly Displacement[] }> {
    await lockAccount(tx, request.accountKey)
    const logins = await readLogins(tx, request.accountKey)
    const own = logins.find((login) => login.instanceId === request.instanceId)
    if (request.resume !== undefined) {
      if (own?.key !== request.resume) throw new Refused('DISPLACED')
      return { loginKey: own.key, displaced: [] }
    }
    const others = logins.filter((login) => login !== own)
    const displaced = [
      ...displacedBy(request.device, others, connected, this.#deps.policy),
      // A leftover of the same instance; its user is not told, since he is the one who logs in again.
      ...(own ? [{ loginKey: own.key, closeCode: CLOSE.REPLACED }] : []),
    ]
    if (displaced.length > 0)
      await deleteLogins(
        tx,
        displaced.map(({ loginKey }) => loginKey),
      )
    return { loginKey: await insertLogin(tx, request), displaced }
  }
}
