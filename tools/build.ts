import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { hashBuildInputs, readBuildStamp, removeBuildStamp, writeBuildStamp } from './build-inputs.mjs'
import { withLock } from './build-lock.ts'
import { runChild } from './child.ts'
import { ROOT, toolPath } from './root.ts'

// npm run build: protocol, then the server, the SDK's bundles and the web page made of them. Each into its package's dist/.

const COMPILE_DEADLINE_MS = 120_000
const PAGE_DEADLINE_MS = 120_000
const LOCK = join(ROOT, 'node_modules/.cache/hongyan/build.lock')

/** What was made of sources that are gone must go too. */
function removeOutput(name: string): void {
  rmSync(join(ROOT, name, 'dist'), { recursive: true, force: true })
}

async function compile(name: string): Promise<void> {
  removeOutput(name)
  const { exitCode, output } = await runChild({
    command: toolPath('tsc'),
    args: ['-p', `${name}/tsconfig.build.json`],
    cwd: ROOT,
    deadlineMs: COMPILE_DEADLINE_MS,
  })
  if (exitCode !== 0) throw new Error(`${name} does not compile:\n${output}`)
}

async function bundleSdk(): Promise<void> {
  const path = join(ROOT, 'client-sdk/build.ts')
  if (!existsSync(path)) return
  removeOutput('client-sdk')
  const sdk = (await import(pathToFileURL(path).href)) as { buildSdk(): Promise<void> }
  await sdk.buildSdk()
}

async function bundlePage(): Promise<void> {
  removeOutput('web-demo')
  const { exitCode, output } = await runChild({
    command: toolPath('tsx'),
    args: ['web-demo/build.ts'],
    cwd: ROOT,
    deadlineMs: PAGE_DEADLINE_MS,
  })
  if (exitCode !== 0) throw new Error(`web-demo does not build:\n${output}`)
}

async function step(name: string, work: () => Promise<void>): Promise<void> {
  const startedMs = performance.now()
  await work()
  console.log(`built ${name.padEnd(10)} ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
}

async function build(): Promise<void> {
  const hash = hashBuildInputs(ROOT)
  removeBuildStamp(ROOT)
  await step('protocol', () => compile('protocol'))
  await step('server', () => compile('server'))
  await step('client-sdk', bundleSdk)
  await step('web-demo', bundlePage)
  writeBuildStamp(ROOT, hash)
}

const isOnlyIfStale = process.argv.includes('--if-stale')
try {
  await withLock(LOCK, async () => {
    const isFresh = isOnlyIfStale && readBuildStamp(ROOT) === hashBuildInputs(ROOT)
    if (!isFresh) await build()
  })
} catch (err) {
  console.error(err instanceof Error ? err.message : err)
  process.exitCode = 1
}
