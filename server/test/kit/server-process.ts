import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** A real server process, started as `npm start` does. */
export interface ServerProcess {
  readonly pid: number
  /** Where it listens, as it said itself. */
  readonly endpoint: string
  /** Everything it printed. */
  output(): string
  kill(signal: NodeJS.Signals): void
  /** Resolves with its exit code, or null after a signal. */
  readonly ended: Promise<number | null>
}

export interface ServerProcessOptions {
  readonly dataDir: string
  readonly env?: Readonly<Record<string, string>>
}

/** Builds what is to be run if it is not built. Once per test file. */
export function buildServer(): void {
  const { status, stderr } = spawnSync(process.execPath, ['tools/build-if-stale.mjs'], { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the build failed: ${stderr}`)
}

/** Starts the process; `ready` resolves when it says its address, and rejects with its output when it ends before. */
export function spawnServer({
  dataDir,
  env = {},
}: ServerProcessOptions): ServerProcess & { readonly ready: Promise<string> } {
  const child = spawn(process.execPath, [`${ROOT}/server/dist/main.js`], {
    // Away from the repository: a developer's .env must not leak in.
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      ...env,
    },
  })
  const text = collect(child)
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  let endpoint = ''
  const ready = until(
    'the server to listen',
    async () => {
      endpoint = /(http:\/\/[^\s/]+)\//.exec(text())?.[1] ?? ''
      if (endpoint === '' && child.exitCode !== null)
        throw new Error(`the server ended with ${child.exitCode}: ${text()}`)
      return endpoint
    },
    30_000,
  )
  ready.catch(() => {})
  return {
    pid: child.pid ?? 0,
    get endpoint() {
      return endpoint
    },
    output: text,
    kill: (signal) => void child.kill(signal),
    ended,
    ready,
  }
}

export async function startServer(options: ServerProcessOptions): Promise<ServerProcess> {
  const server = spawnServer(options)
  await server.ready
  return server
}

/** A loopback port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** The process id of the postmaster of a data directory, or undefined when none is running. */
export function postmasterOf(dataDir: string): number | undefined {
  try {
    return Number(readFileSync(`${dataDir}/postgres/postmaster.pid`, 'utf8').split('\n')[0])
  } catch {
    return undefined
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  return () => text
}
