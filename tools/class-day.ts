import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHongyan } from '../bench/processes.ts'
import { classDay } from '../server/test/kit/class-day.ts'
import { SDK_APP_ID, SECRET, userSigOf } from '../server/test/kit/world.ts'

// Plays a day of a class against a server of its own and prints what each device shows: npm run class-day

const dataDir = mkdtempSync(join(tmpdir(), 'hongyan-day-'))
const server = await startHongyan(dataDir, SECRET)
try {
  const endpoint = `http://127.0.0.1:${server.port}`
  await classDay({ endpoint, sdkAppId: SDK_APP_ID, userSig: userSigOf }, (line) => console.log(line))
} finally {
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
