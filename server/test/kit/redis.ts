import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { accessSync, constants } from 'node:fs'

/** A real Redis for tests. */
export interface RedisServer {
  readonly url: string
  /** Ends a server of our own; leaves one given by REDIS_URL alone. */
  stop(): Promise<void>
  /** Absent, as `kill` and `restart` are, when the server was given by REDIS_URL: it is not ours to hurt. */
  readonly pid?: () => number
  /** Resolves when the signal has had its effect: after SIGKILL and SIGTERM the process is gone. */
  readonly kill?: (signal: NodeJS.Signals) => Promise<void>
  /** Starts a killed server again, empty, on the same port. */
  readonly restart?: () => Promise<void>
}

const INSTALL_DEADLINE_MS = 180_000
const START_DEADLINE_MS = 10_000
const START_ATTEMPTS = 5

/**
 * The server named by REDIS_URL; else one of our own on a free loopback port, without any persistence; where the
 * program is missing and we are root, it is installed first. Undefined, and said so on the console, when there is none.
 */
export async function startRedis(): Promise<RedisServer | undefined> {
  const given = process.env['REDIS_URL']
  if (given) {
    console.warn('REDIS_URL is set: tests that kill or stop Redis are skipped.')
    return { url: given, stop: () => Promise.resolve() }
  }
  const program = await findRedisServer()
  return program === undefined ? undefined : startOwn(program)
}

function findProgram(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/usr/sbin']
  return folders.map((folder) => join(folder, 'redis-server')).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function install(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined
  console.warn('redis-server is missing: trying to install it with apt-get.')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const args = ['-o', 'DPkg::Lock::Timeout=60', 'install', '-y', '--no-install-recommends', 'redis-server']
  await new Promise<void>((resolve) => {
    execFile('apt-get', args, { env, timeout: INSTALL_DEADLINE_MS, maxBuffer: 64 << 20 }, (err) => {
      if (err) console.warn(`apt-get did not install redis-server: ${err.message.split('\n', 1)[0]}`)
      resolve()
    })
  })
  return findProgram()
}

/** The program, installed first where it is missing and we are root; undefined, and said so on the console, without it. */
export async function findRedisServer(): Promise<string | undefined> {
  const program = findProgram() ?? (await install())
  if (program === undefined) {
    console.warn('Tests that need Redis are SKIPPED. Install it (apt-get install redis-server), or set REDIS_URL.')
  }
  return program
}

async function startOwn(program: string): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hongyan-redis-'))
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    try {
      return serverOn(program, folder, port, await launch(program, folder, port))
    } catch (err) {
      // Somebody else may have taken the port between our look and the start.
      if (attempt === START_ATTEMPTS) throw err
    }
  }
}

function serverOn(program: string, folder: string, port: number, first: ChildProcess): RedisServer {
  let child = first
  const killOnExit = () => child.kill('SIGKILL')
  process.once('exit', killOnExit)
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: () => child.pid ?? 0,
    async kill(signal) {
      child.kill(signal)
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await ended(child)
    },
    async restart() {
      child = await launch(program, folder, port)
    },
    async stop() {
      process.off('exit', killOnExit)
      child.kill('SIGKILL')
      await ended(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves when the server answers. `further` are settings as on its command line. */
export async function launch(
  program: string,
  folder: string,
  port: number,
  further: readonly string[] = [],
): Promise<ChildProcess> {
  const logPath = join(folder, `redis-${port}.log`)
  const log = openSync(logPath, 'a', 0o600)
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
    ...further,
  ]
  const child = spawn(program, args, { stdio: ['ignore', log, log] })
  closeSync(log)
  child.once('error', () => {})
  const deadline = performance.now() + START_DEADLINE_MS
  while (!(await answersPing(port))) {
    if (child.exitCode !== null || child.pid === undefined || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`redis-server did not start:\n${readFileSync(logPath, 'utf8').slice(-2000)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  // A stranger on the port would answer too, while our own has failed to bind and ended.
  if (child.exitCode !== null) throw new Error(`port ${port} is taken`)
  return child
}

/** Resolves when the process is gone. */
export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const finish = (isUp: boolean) => {
      socket.destroy()
      resolve(isUp)
    }
    socket.setTimeout(1_000, () => finish(false))
    socket.once('error', () => finish(false))
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data) => finish(data.toString('latin1').startsWith('+PONG')))
  })
}

/** A port that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
