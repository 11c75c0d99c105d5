#!/usr/bin/env node
import { CLI_COMMANDS } from './cli/index.ts'
import { runCommand } from './cli/run-command.ts'
import { readEnvironment } from './config/env.ts'

process.exitCode = await runCommand(CLI_COMMANDS, process.argv.slice(2), {
  environment: readEnvironment(),
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
})
