import type { Config } from '../config/config.ts'
import { openPresence } from '../foundations.ts'
import { systemClock } from '../kit/clock.ts'
import { silentLogger } from '../kit/logger.ts'
import type { PresentSession } from '../presence/presence.ts'

const WITHIN_MS = 2_000
const PAUSE_MS = 50
const PROBE = 'hongyan-cli-probe'

/**
 * Who is connected now, on any node. Undefined when nobody can say: a server that stands alone keeps it in its process,
 * and Redis may not answer. Presence itself answers "nobody" then, so a lease of our own is looked for first.
 */
export async function askPresence(
  config: Config,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly PresentSession[]> | undefined> {
  if (config.broker.kind === 'memory') return undefined
  const presence = openPresence(config, silentLogger())
  // No user can have this id: it holds a space.
  const userId = `${PROBE} ${process.pid}`
  const own: PresentSession = { userId, loginKey: 0, device: 'cli' }
  try {
    const untilMs = systemClock.monotonicMs() + WITHIN_MS
    while (systemClock.monotonicMs() < untilMs) {
      presence.arrive(own)
      const found = await presence.whereabouts([...userIds, userId])
      if (found.has(userId)) return found
      await new Promise<void>((resolve) => void systemClock.after(PAUSE_MS, resolve))
    }
    return undefined
  } finally {
    await presence.close()
  }
}
