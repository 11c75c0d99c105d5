import { parseArgs } from 'node:util'
import { runAudit } from '../server/src/audit/audit-command.ts'
import { envToConfig } from '../server/src/config/config.ts'
import { readEnvironment } from '../server/src/config/env.ts'

// Recounts a random sample of the store by brute force: npm run audit -- --sample 1000
// Prints what it found as JSON. Exit code 0: everything agrees; 1: there are differences; 2: it could not look.

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { sample: { type: 'string', default: '200' } } })
  if (!/^[1-9]\d{0,4}$/.test(values.sample)) throw new Error('--sample is a whole number from 1 to 99999')
  const report = await runAudit(envToConfig(readEnvironment()).database, Number(values.sample))
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  return report.differences.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (err) {
  process.stderr.write(`${String(err instanceof Error ? err.message : err).split('\n', 1)[0]}\n`)
  process.exitCode = 2
}
