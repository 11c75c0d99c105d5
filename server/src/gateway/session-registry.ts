import { LruMap } from '../kit/lru.ts'
import { SmallSet } from '../kit/small-set.ts'

export const DISPLACED = 'a newer login has taken this place'

/** More than there can be openings at once, each of which lasts seconds. */
const DISPLACEMENTS_KEPT = 10_000

/** What the registry knows of a session. */
export interface RegisteredSession {
  readonly id: string
  readonly loginKey: number | undefined
  readonly userId: string | undefined
  readonly isOpen: boolean
  /** The state of the store its client was told of, once it was. */
  readonly epoch: string | undefined
  checkHealth(): void
  close(code: number, reason: string): void
}

/** All connections of this node, and the open ones by login. */
export class SessionRegistry {
  readonly #all = new Set<RegisteredSession>()
  readonly #byLogin = new Map<number, SmallSet<RegisteredSession>>()
  /** Logins are numbered anew each time: one that is here stays displaced. */
  readonly #displaced = new LruMap<number, number>(DISPLACEMENTS_KEPT)

  add(session: RegisteredSession): void {
    this.#all.add(session)
  }

  /**
   * The session has been let in under its login. The close code, if the news that a newer login has taken its place was
   * faster than the word that it is in.
   */
  enter(session: RegisteredSession): number | undefined {
    if (session.loginKey === undefined) return undefined
    const sessions = this.#byLogin.get(session.loginKey) ?? new SmallSet()
    sessions.add(session)
    this.#byLogin.set(session.loginKey, sessions)
    return this.#displaced.get(session.loginKey)
  }

  /** Ends the sessions of a login that has lost its place, and those that are still on their way in. */
  displace(loginKey: number, closeCode: number): void {
    this.#displaced.set(loginKey, closeCode)
    for (const session of this.ofLogin(loginKey)) session.close(closeCode, DISPLACED)
  }

  remove(session: RegisteredSession): void {
    this.#all.delete(session)
    if (session.loginKey === undefined) return
    const sessions = this.#byLogin.get(session.loginKey)
    sessions?.delete(session)
    if (sessions?.size === 0) this.#byLogin.delete(session.loginKey)
  }

  all(): readonly RegisteredSession[] {
    return [...this.#all]
  }

  ofLogin(loginKey: number): readonly RegisteredSession[] {
    return [...(this.#byLogin.get(loginKey) ?? [])]
  }

  loginKeys(): readonly number[] {
    return [...this.#byLogin.keys()]
  }

  get connections(): number {
    return this.#all.size
  }

  get sessions(): number {
    let count = 0
    for (const sessions of this.#byLogin.values()) count += sessions.size
    return count
  }
}
