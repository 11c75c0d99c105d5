import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeBackup } from '../backup/make-backup.ts'
import type { Manifest } from '../backup/manifest.ts'
import { readBuildInfo } from '../build-info.ts'
import { envToConfig } from '../config/config.ts'
import { openBlobs } from '../foundations.ts'
import { systemClock } from '../kit/clock.ts'
import { BadArguments, type CliCommand } from './command.ts'
import { withStore } from './store-pool.ts'

export const backupCommand: CliCommand = {
  name: 'backup',
  usage: '--to FOLDER [--link-from EARLIER] [--without-media]',
  help: 'copies the database and the files of a running or stopped server into a new folder, as of one moment',
  helpZh: '将运行中或已停止的服务器的数据库与文件按同一时刻备份到新目录',
  async run(args, { environment, out, err }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        to: { type: 'string' },
        'link-from': { type: 'string' },
        'without-media': { type: 'boolean', default: false },
      },
    })
    if (values.to === undefined) throw new BadArguments('say where to: --to FOLDER')
    const folder = resolve(values.to)
    const earlier = values['link-from']
    const config = envToConfig(environment)
    const options = {
      folder,
      previous: earlier === undefined ? undefined : resolve(earlier),
      program: readBuildInfo().version,
      clock: systemClock,
      tell: out,
    }
    const blobs = openBlobs(config)
    let manifest: Manifest
    try {
      manifest = await withStore(config, { name: 'backup' }, (db) =>
        makeBackup({ ...options, db, blobs: values['without-media'] ? undefined : blobs }),
      )
    } finally {
      await blobs.close()
    }
    const { media } = manifest
    out(media.kind === 'included' ? `files: ${media.files}, ${media.bytes} bytes` : 'files: left out')
    out(`the backup is in ${folder}; prove it with: hongyan drill --from ${folder}`)
    if (config.signing.secret.kind === 'generated')
      err(`hongyan backup: the key in ${config.dataDir} is not part of it: keep a copy of it in another place`)
    return 0
  },
}
