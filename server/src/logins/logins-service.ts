import { Refused, userTimeline, type UserId } from '@hongyan/protocol'
import { StatementFailed, type Db } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import { Coalescer } from '../kit/coalescer.ts'
import type { Presence } from '../presence/presence.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { admitAlone, admitTogether, type Admissions, type AdmittedLogin, type FreshLogin } from './admission-batch.ts'
import { readHeldLogins, type HeldLogin } from './login-reader.ts'
import type { LoginPolicy } from './login-rules.ts'
import { deleteLogins } from './login-writer.ts'

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
  readonly clock: Clock
  readonly policy: LoginPolicy
}

const MAX_RESUMING = 1_000
/** Their accounts are locked together: as long as writing them takes. */
const MAX_FRESH = 200

/** Decides who may be logged in (promise I7). The database decides, presence only advises whom to send away first. */
export class LoginsService {
  readonly #deps: LoginsDeps
  readonly #held: Coalescer<number, HeldLogin>
  readonly #fresh: Coalescer<FreshLogin, AdmittedLogin>

  constructor(deps: LoginsDeps) {
    this.#deps = deps
    this.#held = new Coalescer<number, HeldLogin>({
      idOf: String,
      maxKeys: MAX_RESUMING,
      clock: deps.clock,
      ask: async (keys) => new Map((await readHeldLogins(deps.db, keys)).map((held) => [String(held.key), held])),
    })
    this.#fresh = new Coalescer<FreshLogin, AdmittedLogin>({
      idOf: ({ sessionId }) => sessionId,
      maxKeys: MAX_FRESH,
      clock: deps.clock,
      ask: (logins) => this.#admitTogether(logins),
    })
  }

  /**
   * The loginKey under which the instance may act from now on. A fresh login displaces older ones as the policy says; a
   * resumed one displaces nobody and is refused DISPLACED when its place is gone.
   */
  async admit(request: LoginRequest): Promise<number> {
    if (request.resume !== undefined) return this.#resume(request, request.resume)
    const login = { ...request, connected: await this.#connected(request) }
    const { loginKey, displaced } = (await this.#fresh.one(login)) ?? (await this.#admitAlone(login))
    const timeline = userTimeline(request.userId)
    if (displaced.length > 0) this.#deps.announcer.announceControl(timeline, { kind: 'displaced', logins: displaced })
    return loginKey
  }

  /** Frees the place of a login. Again is the same. */
  async release(loginKey: number): Promise<void> {
    await this.#deps.db.transaction((tx) => deleteLogins(tx, [loginKey]), { retry: true })
  }

  /**
   * Only reads, together for all who come back at the same time. A newer login may take the place right after: then this
   * session, which follows its user's timeline by now, is told like every other, and each write asks again.
   */
  async #resume(request: LoginRequest, loginKey: number): Promise<number> {
    const held = await this.#held.one(loginKey)
    if (held?.accountKey !== request.accountKey || held.instanceId !== request.instanceId)
      throw new Refused('DISPLACED')
    const timeline = userTimeline(request.userId)
    this.#deps.announcer.announceControl(timeline, { kind: 'replaced', loginKey, bySessionId: request.sessionId })
    return loginKey
  }

  async #connected({ userId }: LoginRequest): Promise<ReadonlySet<number>> {
    if (this.#deps.policy.instancesPerDevice === 1) return new Set()
    const sessions = (await this.#deps.presence.whereabouts([userId])).get(userId) ?? []
    return new Set(sessions.map((session) => session.loginKey))
  }

  /** Who is left out of it is to be admitted alone, and so are all when the database refuses the statement of one. */
  async #admitTogether(logins: readonly FreshLogin[]): Promise<Admissions> {
    const { db, policy } = this.#deps
    try {
      return await db.transaction((tx) => admitTogether(tx, logins, policy), { retry: true })
    } catch (err) {
      if (err instanceof StatementFailed) return new Map()
      throw err
    }
  }

  async #admitAlone(login: FreshLogin): Promise<AdmittedLogin> {
    const { db, policy } = this.#deps
    return db.transaction((tx) => admitAlone(tx, login, policy), { retry: true })
  }
}
