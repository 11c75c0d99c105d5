import { auditCommand } from './audit.ts'
import { backupCommand } from './backup.ts'
import type { CliCommand } from './command.ts'
import { doctorCommand } from './doctor.ts'
import { drillCommand } from './drill.ts'
import { epochCommand } from './epoch.ts'
import { restoreCommand } from './restore.ts'
import { retentionCommand } from './retention.ts'
import { traceCommand } from './trace.ts'

/** All verbs of the command `hongyan`, in the order in which its help names them. */
export const CLI_COMMANDS: readonly CliCommand[] = [
  doctorCommand,
  traceCommand,
  auditCommand,
  backupCommand,
  restoreCommand,
  drillCommand,
  epochCommand,
  retentionCommand,
]
