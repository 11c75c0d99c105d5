import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readEpoch } from '../record/dump.ts'
import { runCommand } from '../rig/command.ts'
import type { Rig } from '../rig/rig.ts'
import { pause } from '../rig/waiting.ts'
import { Finding, type Scenario } from './scenario.ts'

/**
 * Puts the backup into the place of what is served, while it is served and written to: the gateways notice the other
 * epoch. Returns it.
 */
async function restore(rig: Rig, folder: string): Promise<string> {
  const name = new URL(rig.cluster.databaseUrl).pathname.slice(1)
  await runCommand(rig.cluster, 'restore', '--from', folder, '--replace', name)
  return rig.cluster.ask(readEpoch)
}

export const REWIND_FAULTS: readonly Scenario[] = [
  {
    id: 'F-21',
    what: 'store rewind: backup, 60 s of traffic, restore to it',
    isMixable: false,
    run: async (rig, { isBrief }) => {
      const finding = new Finding()
      const folder = join(rig.folder, 'backup')
      const from = await rig.cluster.ask(readEpoch)
      const backupAtMs = Date.now()
      await runCommand(rig.cluster, 'backup', '--to', folder)
      const { acked } = rig.crew.measure.totals
      finding.note(`the backup took ${Date.now() - backupAtMs} ms`)
      const drillAtMs = performance.now()
      await runCommand(rig.cluster, 'drill', '--from', folder).catch((err: Error) => finding.blame(err.message))
      finding.note(`the drill took ${Math.round(performance.now() - drillAtMs)} ms`)
      await pause(isBrief ? 6_000 : 60_000)
      const restoreAtMs = performance.now()
      const to = await restore(rig, folder)
      finding.note(`the restore took ${Math.round(performance.now() - restoreAtMs)} ms`)
      rig.record({ kind: 'rewind', from, to, backupAtMs })
      rmSync(folder, { recursive: true })
      const void_ = rig.crew.measure.totals.acked - acked
      finding.note(`${void_} acknowledged messages went with the old epoch`)
      finding.effect = void_
      await rig.untilCaughtUp('the restore')
      return finding
    },
  },
]
