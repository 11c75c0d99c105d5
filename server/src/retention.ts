import type { Foundations } from './foundations.ts'
import { Loop } from './kit/loop.ts'
import type { Metrics } from './metrics/metrics.ts'
import { hasOwnDays } from './retention/retention-reader.ts'
import { keepsAll } from './retention/retention-rules.ts'
import { RetentionService } from './retention/retention-service.ts'
import type { Announcer } from './timelines/announcer.ts'

const EVERY_MS = 10 * 60_000

/** The loop that removes what is older than it is to be kept. */
export function buildRetention(
  { config, pools, clock, logger }: Foundations,
  announcer: Announcer,
  metrics: Metrics,
): Loop {
  const db = pools.admin
  const policy = { days: config.retention.days, daysOf: new Map(config.retention.daysOf) }
  const retention = new RetentionService({
    db,
    announcer,
    policy,
    clock,
    onRemoved: (removed) => logger.info(removed, 'messages were removed for their age'),
  })
  metrics.read('expiredMessages', () => retention.removed)
  return new Loop({
    name: 'retention',
    everyMs: EVERY_MS,
    clock,
    log: logger,
    turn: async (signal) => {
      if (keepsAll(policy) && !(await hasOwnDays(db))) return
      await retention.removeExpired(signal)
    },
  })
}
