import { parseArgs } from 'node:util'
import { AuditService } from '../audit/audit-service.ts'
import { envToConfig } from '../config/config.ts'
import { systemRandom } from '../kit/random.ts'
import { BadArguments, type CliCommand } from './command.ts'
import { withStore } from './store-pool.ts'

const DEFAULT_SAMPLE = '200'

export const auditCommand: CliCommand = {
  name: 'audit',
  usage: '[--sample N]',
  help: 'recounts unread numbers, members and receipts of a random sample by brute force; 1 when one is wrong',
  helpZh: '随机抽样，逐条重新统计未读数、群成员与已读回执；有不符时退出码为 1',
  async run(args, { environment, out }) {
    const { values } = parseArgs({ args: [...args], options: { sample: { type: 'string', default: DEFAULT_SAMPLE } } })
    if (!/^[1-9]\d{0,4}$/.test(values.sample)) throw new BadArguments('--sample is a whole number from 1 to 99999')
    const report = await withStore(envToConfig(environment), { name: 'audit' }, (db) =>
      new AuditService({ db, random: systemRandom }).audit(Number(values.sample)),
    )
    out(JSON.stringify(report, null, 2))
    return report.differences.length === 0 ? 0 : 1
  },
}
