import { parseArgs } from 'node:util'
import { envToConfig, type Config, type Environment } from '../config/config.ts'
import { OPTIONS } from '../config/options.ts'
import { ConfigInvalid } from '../config/read-options.ts'
import { examine, exitCodeOf } from '../doctor/doctor.ts'
import type { Finding } from '../doctor/finding.ts'
import { findingsText } from '../doctor/findings-text.ts'
import { systemClock } from '../kit/clock.ts'
import type { CliCommand } from './command.ts'
import { checksOf } from './doctor-checks.ts'
import { languageOf } from './language.ts'

const DEADLINE_MS = 15_000

export const doctorCommand: CliCommand = {
  name: 'doctor',
  usage: '[--lang zh|en] [--json]',
  help: 'looks at all the server stands on and says what is wrong and what to do; 0 all is well, 1 warnings, 2 problems',
  helpZh: '检查服务器所依赖的一切,说明哪里有问题、该怎么办;退出码:0 正常,1 有注意事项,2 有故障',
  async run(args, { environment, out }) {
    const { values } = parseArgs({
      args: [...args],
      options: { lang: { type: 'string' }, json: { type: 'boolean', default: false } },
    })
    const language = languageOf(values.lang, environment)
    const findings = await findAll(environment)
    out(values.json ? JSON.stringify(findings, null, 2) : findingsText(findings, language))
    return exitCodeOf(findings)
  },
}

async function findAll(environment: Environment): Promise<readonly Finding[]> {
  let config: Config
  try {
    config = envToConfig(environment)
  } catch (err) {
    if (err instanceof ConfigInvalid) return err.problems.map(wrongSetting)
    throw err
  }
  return examine(checksOf(config, environment), { clock: systemClock, deadlineMs: DEADLINE_MS })
}

/** Each problem begins with the name of its option, which has an explanation in both languages. */
function wrongSetting(text: string): Finding {
  const [name = ''] = text.split(' ')
  const option = Object.entries(OPTIONS).find(([known]) => known === name)?.[1]
  return {
    check: 'settings',
    status: 'problem',
    said: { zh: `设置有误:${text}`, en: `wrong setting: ${text}` },
    todo: {
      zh: `更正后再检查其余各项。${option ? `${name}:${option.helpZh}` : ''}`,
      en: `Correct it; the other checks come after that. ${option ? `${name}: ${option.help}` : ''}`.trim(),
    },
  }
}
