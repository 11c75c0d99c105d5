import { parseArgs } from 'node:util'
import { rotateEpochOf } from '../backup/rotate-epoch.ts'
import { envToConfig } from '../config/config.ts'
import type { CliCommand } from './command.ts'
import { withStore } from './store-pool.ts'

export const epochCommand: CliCommand = {
  name: 'epoch',
  usage: '[--rotate]',
  help: 'shows the identity of the store; --rotate gives it another, after it was put back by other means than hongyan restore',
  helpZh: '显示存储的 epoch;以其他方式(非 hongyan restore)回退数据库后,须用 --rotate 更换',
  async run(args, { environment, out }) {
    const { values } = parseArgs({ args: [...args], options: { rotate: { type: 'boolean', default: false } } })
    const { epoch, before } = await withStore(envToConfig(environment), { name: 'epoch' }, (db) =>
      rotateEpochOf(db, { isAsked: values.rotate }),
    )
    out(values.rotate ? `${before} became ${epoch}: every device rebuilds` : epoch)
    return 0
  },
}
