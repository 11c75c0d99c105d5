import { parseConnectionUrl } from '../../src/db/connection-target.ts'
import { Lane } from '../../src/db/lane.ts'
import { systemClock } from '../../src/kit/clock.ts'

/** A connection that may do what a pool's may not: create and drop databases, end other connections, write outside a transaction. */
export async function withAdmin<T>(url: string, work: (lane: Lane) => Promise<T>): Promise<T> {
  const lane = await Lane.open({
    target: parseConnectionUrl(url),
    name: 'test admin',
    connectDeadlineMs: 10_000,
    statementTimeoutMs: 300_000,
    clock: systemClock,
  })
  try {
    await lane.run('SET default_transaction_read_only = off')
    return await work(lane)
  } finally {
    await lane.end()
  }
}
