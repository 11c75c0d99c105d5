import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { hashBuildInputs, partsOf, readBuildStamps, staleParts, writeBuildStamps } from './build-inputs.mjs'
import { withLock } from './build-lock.ts'
import { runChild } from './child.ts'
import { ROOT, toolPath } from './root.ts'

// npm run build: protocol, then the server, the load generator, the SDK's bundles and the web page made of them. Each into its package's dist/.
// --if-stale leaves out what is built from the present sources.

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

const BUILD: Readonly<Record<string, () => Promise<void>>> = {
  protocol: () => compile('protocol'),
  server: () => compile('server'),
  loadtest: () => compile('loadtest'),
  'client-sdk': bundleSdk,
  'web-demo': bundlePage,
}

async function build(part: string): Promise<void> {
  const startedMs = performance.now()
  const { [part]: _, ...others } = readBuildStamps(ROOT)
  const hash = hashBuildInputs(ROOT, part)
  writeBuildStamps(ROOT, others)
  await BUILD[part]?.()
  writeBuildStamps(ROOT, { ...others, [part]: hash })
  console.log(`built ${part.padEnd(10)} ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
}

const isOnlyIfStale = process.argv.includes('--if-stale')
try {
  await withLock(LOCK, async () => {
    for (const part of isOnlyIfStale ? staleParts(ROOT) : partsOf(ROOT)) await build(part)
  })
} catch (err) {
  console.error(err instanceof Error ? err.message : err)
  process.exitCode = 1
}
