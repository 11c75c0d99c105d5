import { SmallMap } from '../kit/small-map.ts'
import type { Presence, PresentSession } from './presence.ts'
import { sessionKey } from './session-key.ts'

/** The presence of a server that stands alone: its leases live and die with the process. */
export class MemoryPresence implements Presence {
  readonly #sessions = new Map<string, SmallMap<string, PresentSession>>()

  arrive(session: PresentSession): void {
    const ofUser = this.#sessions.get(session.userId) ?? new SmallMap<string, PresentSession>()
    ofUser.set(sessionKey(session), session)
    this.#sessions.set(session.userId, ofUser)
  }

  leave(session: PresentSession): void {
    const ofUser = this.#sessions.get(session.userId)
    ofUser?.delete(sessionKey(session))
    if (ofUser?.size === 0) this.#sessions.delete(session.userId)
  }

  whereabouts(userIds: readonly string[]): Promise<ReadonlyMap<string, readonly PresentSession[]>> {
    const found = new Map<string, readonly PresentSession[]>()
    for (const userId of userIds) {
      const ofUser = this.#sessions.get(userId)
      if (ofUser) found.set(userId, ofUser.values())
    }
    return Promise.resolve(found)
  }

  close(): Promise<void> {
    this.#sessions.clear()
    return Promise.resolve()
  }
}
