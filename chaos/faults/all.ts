import { BadCommand } from '../options.ts'
import { CLIENT_FAULTS } from './clients.ts'
import { CLOCK_FAULTS } from './clocks.ts'
import { DATABASE_NETWORK_FAULTS } from './database-network.ts'
import { DISK_FAULTS } from './disks.ts'
import type { Topology } from '../rig/cluster.ts'
import { EMBEDDED_FAULTS } from './embedded.ts'
import { GATEWAY_FAULTS } from './gateways.ts'
import { PLACE_FAULTS } from './places.ts'
import { POSTGRES_FAULTS } from './postgres.ts'
import { REDIS_FAULTS } from './redis.ts'
import { REWIND_FAULTS } from './rewind.ts'
import type { Scenario } from './scenario.ts'
import { STORMS } from './storms.ts'

/** The matrix, in its order. F-25 is the mix of the mixable ones. */
export const SCENARIOS: readonly Scenario[] = [
  ...GATEWAY_FAULTS,
  ...REDIS_FAULTS,
  ...POSTGRES_FAULTS,
  ...DATABASE_NETWORK_FAULTS,
  ...CLIENT_FAULTS,
  ...STORMS,
  ...CLOCK_FAULTS,
  ...DISK_FAULTS,
  ...REWIND_FAULTS,
  ...PLACE_FAULTS,
].sort((a, b) => (a.id < b.id ? -1 : 1))

/** Those of which a mix is made. */
export function mixable(topology: Topology): readonly Scenario[] {
  return topology === 'one' ? EMBEDDED_FAULTS : SCENARIOS.filter(({ isMixable }) => isMixable)
}

export function scenario(id: string): Scenario {
  const found = [...SCENARIOS, ...EMBEDDED_FAULTS].find((one) => one.id === id)
  if (found === undefined)
    throw new BadCommand(`no fault ${id}; there are ${SCENARIOS.map((one) => one.id).join(', ')}`)
  return found
}
