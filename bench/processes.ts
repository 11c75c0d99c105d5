import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { rssOf, SERVER_MAIN, startOwnServer, type OwnServer } from '../loadtest/src/run/own-server.ts'

/** A server under measurement. */
export type Measured = OwnServer

/** The core of all servers and their databases. */
export const SERVER_CORE = '0'
/** The core the load runs on, when there is more than one. */
export const LOAD_CORE = '1'
export const BOTH_CORES = `${SERVER_CORE},${LOAD_CORE}`

const COLLECT_MS = 3_000
const COLLECTING = ['--expose-gc', '--import', new URL('collect-garbage.mjs', import.meta.url).href]

const canPin = cpus().length > 1 && process.platform === 'linux'

/** Starts a baseline, the relay or the bare prototype, on the servers' core. */
export async function startBaseline(name: 'relay' | 'bare'): Promise<Measured> {
  const child = fork(here(`${name}.ts`), { execArgv: [...COLLECTING, '--conditions=source', '--import', 'tsx'] })
  pin(child, SERVER_CORE)
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)))
    child.once('error', reject)
  })
  return measured(child, port)
}

/** Starts the product as `npm start` does, on the servers' core unless told otherwise, and waits until it listens. */
export async function startHongyan(
  dataDir: string,
  secret: string,
  environment: Readonly<Record<string, string>> = {},
  core = SERVER_CORE,
): Promise<Measured & { readonly startedMs: number }> {
  const before = performance.now()
  // For profiles: BENCH_NODE_ARGS="--cpu-prof --cpu-prof-dir=/tmp" npm run bench
  // For comparisons: BENCH_SERVER=/path/to/another/server/dist/main.js npm run bench
  const main = process.env['BENCH_SERVER'] ?? SERVER_MAIN
  const args = [...COLLECTING, ...(process.env['BENCH_NODE_ARGS']?.split(' ') ?? []), main]
  const argv: [string, ...string[]] = [process.execPath, ...args]
  const server = await startOwnServer({
    dataDir,
    secret,
    env: { SENDS_PER_SECOND_PER_USER: '100000', ...environment },
    command: canPin ? ['taskset', '-c', core, ...argv] : argv,
  })
  return { ...server, startedMs: performance.now() - before }
}

function measured(child: ChildProcess, port: number): Measured {
  const pid = child.pid ?? 0
  return {
    port,
    pid,
    rss: () => rssOf(pid),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

/** Resident memory after its garbage was collected, in bytes. */
export async function heldBytes(server: Measured): Promise<number> {
  process.kill(server.pid, 'SIGUSR2')
  await new Promise((resolve) => setTimeout(resolve, COLLECT_MS))
  return server.rss()
}

/** Best effort: without taskset the figures are only noisier. */
export function pin(child: { readonly pid?: number | undefined }, core: string): void {
  if (!canPin || child.pid === undefined) return
  spawnSync('taskset', ['-a', '-p', '-c', core, String(child.pid)], { stdio: 'ignore' })
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
