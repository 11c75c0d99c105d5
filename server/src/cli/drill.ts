import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { drillBackup, type DrillReport } from '../backup/drill-backup.ts'
import { envToConfig } from '../config/config.ts'
import { systemClock } from '../kit/clock.ts'
import { systemRandom } from '../kit/random.ts'
import { BadArguments, type CliCommand } from './command.ts'
import { openEmbeddedScratch, openScratchOn } from './scratch-database.ts'

export const drillCommand: CliCommand = {
  name: 'drill',
  usage: '--from FOLDER [--scratch FOLDER | --on-server] [--json]',
  help: 'proves a backup: restores it into a scratch database and checks all of it; 1 when something is wrong',
  helpZh: '演练恢复:将备份恢复到临时数据库并全面检查;有问题时退出码为 1',
  async run(args, { environment, out }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        scratch: { type: 'string' },
        'on-server': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    })
    const { from, scratch } = values
    if (from === undefined) throw new BadArguments('say which backup: --from FOLDER')
    const { database } = envToConfig(environment)
    if (values['on-server'] && database.kind !== 'url') throw new BadArguments('--on-server needs DATABASE_URL')
    const report = await drillBackup({
      folder: resolve(from),
      openScratch: () =>
        values['on-server'] && database.kind === 'url'
          ? openScratchOn(database.url.reveal())
          : openEmbeddedScratch(scratch),
      clock: systemClock,
      random: systemRandom,
    })
    out(values.json ? JSON.stringify(report, null, 2) : textOf(report))
    return report.isFine ? 0 : 1
  },
}

function textOf({ folder, takenAt, program, isFine, steps }: DrillReport): string {
  const lines = steps.map(({ name, isFine: ok, details, tookMs }) => {
    const found = details.map((detail) => `\n          ${detail}`).join('')
    return `  ${ok ? 'fine ' : 'WRONG'}  ${name} (${Math.round(tookMs)} ms)${found}`
  })
  return [
    `drill of ${folder}`,
    ...(takenAt === undefined ? [] : [`taken ${takenAt} by version ${program ?? ''}`]),
    ...lines,
    isFine ? 'the backup can be restored' : 'DO NOT RELY ON THIS BACKUP',
  ].join('\n')
}
