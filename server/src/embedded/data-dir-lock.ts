import { rmSync, statSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { StartRefused } from '../db/start-refused.ts'
import type { Clock } from '../kit/clock.ts'
import { openSocketFolder } from './socket-path.ts'

const ANSWER_DEADLINE_MS = 500
const SETTLE_MS = 50
const ATTEMPTS = 3

/** Held until released or until this process is gone, however it went. */
export interface DataDirLock {
  release(): Promise<void>
}

type Holder = { readonly kind: 'none' } | { readonly kind: 'alive'; readonly pid: string }

/**
 * Claims a data directory for this process. The lock is a listening socket beside it: the kernel ends it with the
 * process, so what a killed one leaves behind is known to be stale, whatever process ids have been given again since.
 * Refuses when a living process holds it.
 */
export async function lockDataDir(dataDir: string, clock: Clock): Promise<DataDirLock> {
  const name = `${basename(dataDir)}.lock`
  const folder = openSocketFolder(dirname(dataDir), name)
  if (!folder) throw new StartRefused(`the path of ${dataDir} is too long for a socket; choose a shorter DATA_DIR`)
  const path = join(folder.path, name)
  try {
    const server = await listenAlone(path, dataDir, clock)
    return {
      release: () =>
        new Promise((resolve) => {
          server.close(() => {
            folder.release()
            resolve()
          })
        }),
    }
  } catch (err) {
    folder.release()
    throw err
  }
}

async function listenAlone(path: string, dataDir: string, clock: Clock): Promise<Server> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const server = await listen(path)
    if (server) return server
    const holder = await askHolder(path, clock, dataDir)
    if (holder.kind === 'alive') {
      throw new StartRefused(`${dataDir} is in use by another Hongyan process${holder.pid}; stop it or choose another DATA_DIR`)
    }
    const claimed = await takeOver(path, clock)
    if (claimed) return claimed
  }
  throw new StartRefused(`${dataDir} is being claimed by another Hongyan process; stop it or choose another DATA_DIR`)
}

/** Of several that find a stale lock at once the last to replace it has it; the others see that theirs is gone. */
async function takeOver(path: string, clock: Clock): Promise<Server | undefined> {
  rmSync(path, { force: true })
  const server = await listen(path)
  if (!server) return undefined
  const { ino } = statSync(path)
  await new Promise<void>((resolve) => void clock.after(SETTLE_MS, resolve))
  if (statSync(path, { throwIfNoEntry: false })?.ino === ino) return server
  server.close()
  return undefined
}

/** Undefined when there is a lock file already. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.end(String(process.pid))
    })
    server.unref()
    server.once('error', (err: NodeJS.ErrnoException) => {
      if (err.code === 'EADDRINUSE') resolve(undefined)
      else reject(new StartRefused(`${dirname(path)} cannot be written to (${err.code ?? err.message})`, { cause: err }))
    })
    server.listen(path, () => resolve(server))
  })
}

function askHolder(path: string, clock: Clock, dataDir: string): Promise<Holder> {
  return new Promise((resolve, reject) => {
    let pid = ''
    const socket = connect(path)
    const settle = (holder: Holder): void => {
      cancel()
      socket.destroy()
      resolve(holder)
    }
    const alive = (): Holder => ({ kind: 'alive', pid: pid === '' ? '' : ` (pid ${pid})` })
    // A holder that is stopped or busy accepts through the kernel, and does not answer: it lives.
    const cancel = clock.after(ANSWER_DEADLINE_MS, () => settle(alive()))
    socket.on('data', (chunk) => (pid += chunk.toString()))
    socket.on('end', () => settle(alive()))
    socket.on('error', (err: NodeJS.ErrnoException) => {
      if (err.code === 'ECONNREFUSED' || err.code === 'ENOENT') return settle({ kind: 'none' })
      cancel()
      reject(new StartRefused(`${dataDir} belongs to another user (${err.code ?? err.message})`, { cause: err }))
    })
  })
}
