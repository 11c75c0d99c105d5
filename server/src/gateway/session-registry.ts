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
  readonly #byLogin = new Map<number, Set<RegisteredSession>>()

  add(session: RegisteredSession): void {
    this.#all.add(session)
  }

  /** The session has been let in under its login. */
  enter(session: RegisteredSession): void {
    if (session.loginKey === undefined) return
    const sessions = this.#byLogin.get(session.loginKey) ?? new Set()
    sessions.add(session)
    this.#byLogin.set(session.loginKey, sessions)
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
