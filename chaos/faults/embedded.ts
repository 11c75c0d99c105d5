import type { Rig } from '../rig/rig.ts'
import { pause, until } from '../rig/waiting.ts'
import { Finding, type Scenario } from './scenario.ts'

// The topology of `npm start`: one gateway that runs its own PostgreSQL. Beside the matrix, whose rows it has no parts for.

async function killPostmaster({ cluster }: Rig): Promise<void> {
  const pid = await until('a postmaster runs', () => cluster.postmaster)
  process.kill(pid, 'SIGKILL')
}

/** What is started again has recovered when it answers. */
async function restart({ cluster }: Rig, afterMs: number): Promise<void> {
  await pause(afterMs)
  await cluster.gateway(0).start()
}

export const EMBEDDED_FAULTS: readonly Scenario[] = [
  {
    id: 'E-01',
    what: 'kill -9 the gateway; its PostgreSQL outlives it',
    isMixable: true,
    run: async (rig, { random }) => {
      await rig.cluster.gateway(0).kill()
      await restart(rig, random.whole(0, 500))
      return new Finding()
    },
  },
  {
    id: 'E-02',
    what: 'kill -9 the postmaster; the gateway starts it again',
    isMixable: true,
    run: async (rig) => {
      const { postmaster } = rig.cluster
      await killPostmaster(rig)
      await until('another postmaster runs', () => {
        const now = rig.cluster.postmaster
        return now !== undefined && now !== postmaster
      })
      await rig.cluster.untilPostgresAnswers()
      return new Finding()
    },
  },
  {
    id: 'E-03',
    what: 'kill -9 both',
    isMixable: true,
    run: async (rig, { random }) => {
      const killing = rig.cluster.gateway(0).kill()
      await killPostmaster(rig)
      await killing
      await restart(rig, random.whole(0, 500))
      return new Finding()
    },
  },
]
