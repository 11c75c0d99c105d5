import type { PresentSession } from './presence.ts'

/** What tells the sessions of one user apart. */
export function sessionKey(session: PresentSession): string {
  return JSON.stringify([session.loginKey, session.device])
}
