import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Cluster } from './cluster.ts'
import { SDK_APP_ID, SECRET } from './signing.ts'

const COMMAND = fileURLToPath(new URL('../../server/dist/hongyan.js', import.meta.url))
const DEADLINE_MS = 300_000
const MAX_OUTPUT_BYTES = 2 ** 20

/** A command of `hongyan` as an administrator runs it, beside the gateways and past all proxies. Rejects when it fails. */
export async function runCommand(cluster: Cluster, ...args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    SECRETKEY: SECRET,
    SDKAPPID: String(SDK_APP_ID),
    DATABASE_URL: cluster.databaseUrl,
    DATA_DIR: cluster.gateway(0).dataDir,
    MEDIA_DIR: cluster.mediaDir,
  }
  const options = { cwd: tmpdir(), env, timeout: DEADLINE_MS, maxBuffer: MAX_OUTPUT_BYTES }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [COMMAND, ...args], options, (err, stdout, stderr) => {
      if (err === null) resolve(stdout)
      else reject(new Error(`hongyan ${args.join(' ')} ended with ${err.code ?? err.signal}: ${stdout}${stderr}`))
    })
  })
}
