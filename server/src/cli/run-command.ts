import { explainStartError } from '../start-error.ts'
import type { CliCommand, CliIo } from './command.ts'

const EXIT_FAILED = 2
const HELP = new Set(['help', '--help', '-h'])

/** `hongyan VERB …`: finds the verb and runs it; says in a line each what went wrong. Never rejects. */
export async function runCommand(
  commands: readonly CliCommand[],
  [name, ...args]: readonly string[],
  io: CliIo,
): Promise<number> {
  if (name === undefined || HELP.has(name)) {
    io.out(helpText(commands))
    return name === undefined ? EXIT_FAILED : 0
  }
  const command = commands.find((known) => known.name === name)
  if (!command) {
    io.err(`hongyan: there is no command ${JSON.stringify(name)}; hongyan help names them all`)
    return EXIT_FAILED
  }
  if (args.some((arg) => HELP.has(arg) && arg !== 'help')) {
    io.out(helpOf(command))
    return 0
  }
  try {
    return await command.run(args, io)
  } catch (err) {
    for (const line of explainStartError(err)) io.err(`hongyan ${name}: ${line}`)
    return EXIT_FAILED
  }
}

function helpText(commands: readonly CliCommand[]): string {
  return ['hongyan VERB …', '', ...commands.map(helpOf)].join('\n')
}

function helpOf({ name, usage, help, helpZh }: CliCommand): string {
  return `  hongyan ${`${name} ${usage}`.trim()}\n      ${help}\n      ${helpZh}`
}
