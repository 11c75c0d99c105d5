import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A server process that was started here. */
export interface OwnServer {
  readonly port: number
  readonly pid: number
  /** Resident memory of the process itself, in bytes; 0 where the system does not tell. */
  rss(): number
  /** Ends it and waits until it has. */
  stop(): Promise<void>
}

export interface OwnServerOptions {
  readonly dataDir: string
  readonly secret: string
  /** Settings beside those that every server under load has. */
  readonly env?: Readonly<Record<string, string>>
  /** The program and its arguments; by default what was built here. */
  readonly command?: readonly [string, ...string[]]
}

/** The built server of this checkout, from the sources as well as from what is built of them. */
export const SERVER_MAIN = fileURLToPath(new URL('../../../server/dist/main.js', import.meta.url))

const KILL_AFTER_MS = 30_000

/** Starts the product as `npm start` does, with an embedded database, on a free port of loopback; resolves when it listens. */
export async function startOwnServer({ dataDir, secret, env = {}, command }: OwnServerOptions): Promise<OwnServer> {
  const [program, ...args] = command ?? [process.execPath, SERVER_MAIN]
  const child = spawn(program, args, {
    // Away from the repository: a developer's .env must not leak in.
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...inherited(),
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      SECRETKEY: secret,
      DEMO: 'off',
      LOG_LEVEL: 'warn',
      // All of the load comes from one address.
      MAX_OPENING_PER_ADDRESS: '100000',
      OPENINGS_PER_SECOND: '100000',
      OPENINGS_PER_SECOND_PER_ADDRESS: '100000',
      ...env,
    },
  })
  const port = await listeningPort(child)
  const pid = child.pid ?? 0
  return { port, pid, rss: () => rssOf(pid), stop: () => end(child) }
}

/** What every program needs; nothing that would choose another database. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ'].filter((name) => process.env[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']))
}

/** Resident memory of a process, in bytes; 0 where the system does not tell. */
export function rssOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
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
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
