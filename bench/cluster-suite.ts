import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECRET } from './clients.ts'
import { runComeBack } from './come-back.ts'
import { runDeliveryCost } from './delivery-cost.ts'
import { runGroupSuite } from './groups-suite.ts'
import { measureIdle } from './idle.ts'
import { measureOneToOne } from './one-to-one.ts'
import { startBaseline, startHongyan, type Measured } from './processes.ts'
import type { Figure } from './report.ts'
import { runScaleOut } from './scale-out.ts'
import { scaled } from './world.ts'

/** Below the 20,000 files that one process may open here, on both sides. */
const IDLE = 19_900

interface Scenario {
  readonly what: string
  readonly run: () => Promise<readonly Figure[]>
}

/** By the names that `--only` takes. */
export const CLUSTER_SCENARIOS: Readonly<Record<string, Scenario>> = {
  'come-back': { what: '5,000 come back after a gateway was killed', run: runComeBack },
  'scale-out': { what: 'one-to-one: two gateways on two cores, and one on one', run: runScaleOut },
  cost: { what: 'the cost of a delivery with one, two and three gateways', run: runDeliveryCost },
  'one-to-one': {
    what: 'one-to-one messages at one gateway, beside a relay',
    run: () => beside((servers) => measureOneToOne(servers, 'ratio >= 0.5')),
  },
  'fan-out': {
    what: 'group messages at one gateway, beside a relay',
    run: () => runGroupSuite({ names: ['fan-out'], explains: false }),
  },
  idle: {
    what: `${IDLE.toLocaleString('en')} idle connections, beside a relay`,
    run: () => beside(async (servers) => [await measureIdle(servers, scaled(IDLE, 200), 'ratio <= 1.5')]),
  },
}

/** What several gateways do together, and what one does beside a relay. */
export async function runClusterSuite(names = Object.keys(CLUSTER_SCENARIOS)): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const name of names) {
    const scenario = CLUSTER_SCENARIOS[name]
    if (!scenario) throw new Error(`no such scenario: ${name}; there are ${Object.keys(CLUSTER_SCENARIOS).join(', ')}`)
    figures.push(...(await scenario.run()))
  }
  return figures
}

interface Servers {
  readonly relay: Measured
  readonly bare: Measured
  readonly hongyan: Measured
}

/** One gateway as npm start runs it, and both baselines. */
async function beside(work: (servers: Servers) => Promise<readonly Figure[]>): Promise<readonly Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hongyan-bench-'))
  const running: Measured[] = []
  const note = (server: Measured): Measured => {
    running.push(server)
    return server
  }
  try {
    return await work({
      hongyan: note(await startHongyan(dataDir, SECRET, { MAX_CONNECTIONS: '100000' })),
      relay: note(await startBaseline('relay')),
      bare: note(await startBaseline('bare')),
    })
  } finally {
    await Promise.all(running.map((server) => server.stop()))
    rmSync(dataDir, { recursive: true, force: true })
  }
}
