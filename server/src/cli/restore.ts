import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { abandonRestore, restoreBackup, type Restored, type RestoreOptions } from '../backup/restore-backup.ts'
import { envToConfig, type Config } from '../config/config.ts'
import { assertFitToServe } from '../db/startup-checks.ts'
import { openBlobs } from '../foundations.ts'
import { systemClock } from '../kit/clock.ts'
import { systemRandom } from '../kit/random.ts'
import { BadArguments, type CliCommand } from './command.ts'
import { withStore } from './store-pool.ts'

export const restoreCommand: CliCommand = {
  name: 'restore',
  usage: '--from FOLDER [--replace DATABASE] | --abandon',
  help: 'puts a backup in the place of an empty database, or of the one that is named; all devices rebuild afterwards',
  helpZh: '将备份恢复到空数据库(或替换指定名称的数据库);之后所有设备会重新同步',
  async run(args, { environment, out }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        replace: { type: 'string' },
        abandon: { type: 'boolean', default: false },
      },
    })
    const config = envToConfig(environment)
    if (values.abandon) {
      const isGone = await withStore(config, { name: 'restore' }, abandonRestore)
      out(isGone ? 'what was begun is removed; the database is what it was' : 'no restore was under way')
      return 0
    }
    const { from } = values
    if (from === undefined) throw new BadArguments('say where from: --from FOLDER')
    const { manifest, epoch } = await restore(config, { folder: resolve(from), replaces: values.replace, tell: out })
    out(`the store is as of ${manifest.takenAt}; its epoch is ${epoch}, so every device rebuilds`)
    if (manifest.media.kind === 'left-out') out('the backup has no files: put them back by your own means')
    return 0
  },
}

async function restore(
  config: Config,
  options: Pick<RestoreOptions, 'folder' | 'replaces' | 'tell'>,
): Promise<Restored> {
  const blobs = openBlobs(config)
  try {
    return await withStore(config, { name: 'restore', makes: true }, async (db) => {
      await assertFitToServe(db)
      return restoreBackup({ ...options, db, blobs, clock: systemClock, random: systemRandom })
    })
  } finally {
    await blobs.close()
  }
}
