import { openClass } from './class-room.ts'
import { withCluster, type Cluster } from './cluster.ts'
import { LOAD_CORE, SERVER_CORE } from './processes.ts'
import { median, type Figure } from './report.ts'
import { scaled } from './world.ts'

const MEMBERS = 300
const MESSAGES_PER_SECOND = 60
const SECONDS = 4
const ROUNDS = 3

/** The same messages to the same group, whose members are spread over one, two and three gateways. */
export async function runDeliveryCost(): Promise<readonly Figure[]> {
  const costs: number[] = []
  for (const count of [1, 2, 3]) {
    const gateways = Array.from({ length: count }, () => SERVER_CORE)
    costs.push(await withCluster({ gateways, store: SERVER_CORE, load: LOAD_CORE }, microsecondsPerDelivery))
  }
  const [alone = 1] = costs
  return costs.flatMap((cost, index) => [
    {
      name: `group of ${MEMBERS}, ${index + 1} gateways: CPU of gateways, PostgreSQL and Redis for one delivery`,
      hongyan: cost,
      unit: 'µs',
      goal: '',
    },
    ...(index === 0
      ? []
      : [{ name: `the same, ${index + 1} gateways of 1`, hongyan: cost / alone, unit: 'times', goal: '<= 1.3' }]),
  ])
}

async function microsecondsPerDelivery(cluster: Cluster): Promise<number> {
  const { room, close } = await openClass(cluster, MEMBERS)
  // What is compiled, planned and connected the first time is no part of it.
  await room.atRate(MESSAGES_PER_SECOND, scaled(SECONDS, 1))
  const costs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const [delivered, usedMs] = [room.delivered, cluster.cpuMs()]
    await room.atRate(MESSAGES_PER_SECOND, scaled(SECONDS, 1))
    costs.push(((cluster.cpuMs() - usedMs) * 1000) / (room.delivered - delivered))
  }
  close()
  return median(costs)
}
