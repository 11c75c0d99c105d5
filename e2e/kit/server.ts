import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const BUILD_MS = 120_000
const START_MS = 60_000
const STOP_MS = 30_000

/** A server process as `npm start` runs it, on a data directory of its own. */
export interface TrialServer {
  /** `http://127.0.0.1:…/` */
  readonly url: string
  /** Stops it and removes its data. */
  stop(): Promise<void>
}

/** Builds what is stale, starts the server on a free port and waits until it says its address. */
export async function startServer(settings: Readonly<Record<string, string>> = {}): Promise<TrialServer> {
  await promisify(execFile)(process.execPath, ['tools/build-if-stale.mjs'], { cwd: ROOT, timeout: BUILD_MS })
  const dataDir = mkdtempSync(join(tmpdir(), 'hongyan-e2e-'))
  const env = {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: '0',
    DEMO: 'on',
    DRAIN_SECONDS: '0',
    DATA_DIR: dataDir,
    ...settings,
  }
  const child = spawn(process.execPath, ['server/dist/main.js'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = async (): Promise<void> => {
    await end(child)
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    return { url: await addressOf(child), stop }
  } catch (err) {
    await stop()
    throw err
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the server ${why}:\n${output}`))
    const timer = setTimeout(() => fail(`said no address within ${START_MS / 1000} s`), START_MS)
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const [url] = /http:\/\/127\.0\.0\.1:\d+\//.exec(output) ?? []
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => {
      clearTimeout(timer)
      fail(`ended with ${code}`)
    })
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}
