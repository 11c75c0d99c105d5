import type { Fault } from '../../server/test/kit/fault-proxy.ts'
import type { Rig } from '../rig/rig.ts'
import { pause } from '../rig/waiting.ts'
import { Finding, type Scenario } from './scenario.ts'

/** A process may open so many connections at once, and so many a second. */
const BURST = 12
const CONNECTS_PER_SECOND = 5

/** Counts the connections that the gateways open while a fault lasts; more than their gate lets through is a loop. */
async function countingConnects(rig: Rig, finding: Finding, during: () => Promise<void>): Promise<void> {
  const before = rig.cluster.databaseWays.map(({ accepted }) => accepted)
  const startedMs = performance.now()
  await during()
  const seconds = (performance.now() - startedMs) / 1000
  for (const [index, { accepted }] of rig.cluster.databaseWays.entries()) {
    const connects = accepted - (before[index] ?? 0)
    const most = BURST + CONNECTS_PER_SECOND * seconds
    if (connects > most)
      finding.blame(`gateway ${index} dialled PostgreSQL ${connects} times in ${seconds.toFixed(1)} s`)
  }
}

function setAll(rig: Rig, fault: Fault): void {
  for (const way of rig.cluster.databaseWays) way.set(fault)
}

export const DATABASE_NETWORK_FAULTS: readonly Scenario[] = [
  {
    id: 'F-09',
    what: 'a black hole between gateways and PostgreSQL 10 s, healed without RST',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      const ways = [['toServer', 'toClient'], ['toServer'], ['toClient']] as const
      for (const directions of isBrief ? [random.pick(ways)] : ways) {
        const way = random.pick(rig.cluster.databaseWays)
        // In a mix one gateway is cut off, alone all are.
        if (isBrief) way.set({ kind: 'blackHole', directions })
        else setAll(rig, { kind: 'blackHole', directions })
        await pause(isBrief ? 3_500 : 10_000)
        for (const each of rig.cluster.databaseWays) each.heal()
        await rig.untilCaughtUp(`a black hole ${directions.join(' and ')}`)
        finding.note(directions.join(' and '))
      }
      return finding
    },
  },
  {
    id: 'F-10',
    what: 'whoever dials PostgreSQL is accepted and ended',
    isMixable: true,
    run: async (rig, { isBrief }) => {
      const finding = new Finding()
      await countingConnects(rig, finding, async () => {
        setAll(rig, { kind: 'fin' })
        await pause(isBrief ? 2_000 : 10_000)
      })
      return finding
    },
  },
  {
    id: 'F-11',
    what: 'RST storm between gateways and PostgreSQL every 20 ms for 10 s',
    isMixable: true,
    run: async (rig, { isBrief }) => {
      const finding = new Finding()
      const endMs = performance.now() + (isBrief ? 2_000 : 10_000)
      await countingConnects(rig, finding, async () => {
        while (performance.now() < endMs) {
          for (const way of rig.cluster.databaseWays) way.resetAll()
          await pause(20)
        }
      })
      return finding
    },
  },
  {
    id: 'F-12',
    what: '200 ms ± 100 ms latency to PostgreSQL; 64 KB/s throttle',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      const faults: readonly Fault[] = [
        { kind: 'delay', delayMs: 200, jitterMs: 100 },
        { kind: 'throttle', bytesPerSecond: 65_536 },
      ]
      for (const fault of isBrief ? [random.pick(faults)] : faults) {
        const { acked } = rig.crew.measure.totals
        setAll(rig, fault)
        await pause(isBrief ? 2_500 : 15_000)
        for (const way of rig.cluster.databaseWays) way.heal()
        const served = rig.crew.measure.totals.acked - acked
        finding.note(`${served} messages with ${fault.kind}`)
        await rig.untilCaughtUp(fault.kind)
      }
      return finding
    },
  },
]
