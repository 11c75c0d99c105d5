import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pause } from '../rig/waiting.ts'
import { Finding, type Scenario } from './scenario.ts'

const SHIFTS = ['+1h', '-2h', '+5y'] as const

/** Debian's package `faketime`; undefined where it is not installed. */
function findFaketime(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : []
  const paths = folders.map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketime.so.1'))
  return paths.find((path) => existsSync(path))
}

export const CLOCK_FAULTS: readonly Scenario[] = [
  {
    id: 'F-18',
    what: 'wall clock +1 h / −2 h / +5 y on one gateway; a half of all devices has a wrong clock always',
    isMixable: false,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      const library = findFaketime()
      if (library === undefined) return finding.skip('faketime is not installed (apt-get install faketime)')
      for (const shift of isBrief ? [random.pick(SHIFTS)] : SHIFTS) {
        const gateway = rig.cluster.gateway(random.whole(0, 2))
        await gateway.kill()
        // Without the first, timers would jump with the wall clock; without the second, Node would not see the shift.
        const fake = { FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_NO_CACHE: '1' }
        await gateway.start({ env: { LD_PRELOAD: library, ...fake } })
        await rig.untilCaughtUp(`a gateway ${shift}`)
        await pause(isBrief ? 3_000 : 30_000)
        await gateway.kill()
        await gateway.start()
        await rig.untilCaughtUp(`the end of ${shift}`)
        finding.note(`gateway ${gateway.index} ${shift}`)
      }
      finding.note("PostgreSQL's own clock is left alone: the server starts it in an environment of its own")
      return finding
    },
  },
]
