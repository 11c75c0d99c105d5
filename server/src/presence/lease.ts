import type { PresentSession } from './presence.ts'

/** What a lease says in Redis: whose node holds it, and which session of the user it is. */
export function encodeLease(nodeId: string, session: PresentSession): string {
  return JSON.stringify([nodeId, session.loginKey, session.device])
}

/** Undefined for text that no node of ours wrote. */
export function parseLease(userId: string, text: unknown): PresentSession | undefined {
  const parts: unknown = typeof text === 'string' ? parseOrUndefined(text) : undefined
  if (!isTriple(parts)) return undefined
  const [nodeId, loginKey, device] = parts
  if (typeof nodeId !== 'string' || typeof loginKey !== 'number' || typeof device !== 'string') return undefined
  return { userId, loginKey, device }
}

function isTriple(value: unknown): value is readonly [unknown, unknown, unknown] {
  return Array.isArray(value) && value.length === 3
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
