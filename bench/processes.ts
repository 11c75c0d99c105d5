import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

/** A server under measurement. */
export interface Measured {
  readonly port: number
  readonly pid: number
  /** Resident memory of the process itself, in bytes. */
  rss(): number
  stop(): Promise<void>
}

/** The core of all servers and their databases. */
export const SERVER_CORE = '0'
/** The core the load runs on, when there is more than one. */
export const LOAD_CORE = '1'

const canPin = cpus().length > 1 && process.platform === 'linux'

/** Starts a baseline, the relay or the bare prototype, on the servers' core. */
export async function startBaseline(name: 'relay' | 'bare'): Promise<Measured> {
  const child = fork(here(`${name}.ts`), { execArgv: ['--conditions=source', '--import', 'tsx'] })
  pin(child, SERVER_CORE)
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)))
    child.once('error', reject)
  })
  return measured(child, port)
}

/** Starts the product as `npm start` does, with its PostgreSQL on the same core, and waits until it listens. */
export async function startHongyan(
  dataDir: string,
  secret: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Measured & { readonly startedMs: number }> {
  const before = performance.now()
  // For profiles: BENCH_NODE_ARGS="--cpu-prof --cpu-prof-dir=/tmp" npm run bench
  // For comparisons: BENCH_SERVER=/path/to/another/server/dist/main.js npm run bench
  const main = process.env['BENCH_SERVER'] ?? here('../server/dist/main.js')
  const argv = [...(process.env['BENCH_NODE_ARGS']?.split(' ') ?? []), main]
  const [command, args] = canPin
    ? ['taskset', ['-c', SERVER_CORE, process.execPath, ...argv]]
    : [process.execPath, argv]
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      SECRETKEY: secret,
      DEMO: 'off',
      LOG_LEVEL: 'warn',
      SENDS_PER_SECOND_PER_USER: '100000',
      MAX_OPENING_PER_ADDRESS: '100000',
      ...environment,
    },
  })
  const port = await listeningPort(child)
  return { ...measured(child, port), startedMs: performance.now() - before }
}

/** The port in the line with the address. */
function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      const port = /http:\/\/[^\s:]+:(\d+)\//.exec(text)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
}

function measured(child: ChildProcess, port: number): Measured {
  const pid = child.pid ?? 0
  return {
    port,
    pid,
    rss: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

/** Best effort: without taskset the figures are only noisier. */
export function pin(child: { readonly pid?: number | undefined }, core: string): void {
  if (!canPin || child.pid === undefined) return
  spawnSync('taskset', ['-a', '-p', '-c', core, String(child.pid)], { stdio: 'ignore' })
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
