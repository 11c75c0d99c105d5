import { readdirSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { StartRefused } from '../db/start-refused.ts'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { openSocketFolder, type SocketFolder } from './socket-path.ts'

const ANSWER_DEADLINE_MS = 500
const ATTEMPTS = 8
const FIRST_WAIT_MS = 20
const NAME_CHARS = 8
const UNFINISHED = '.new'

/** Held until released or until this process is gone, however it went. */
export interface DataDirLock {
  release(): void
}

interface Other {
  readonly isAlive: boolean
  readonly isHolder: boolean
  readonly pid: string
}

const NOBODY: Other = { isAlive: false, isHolder: false, pid: '' }

/**
 * Claims a data directory for this process; refuses when a living process holds it.
 *
 * Who claims puts a listening socket of its own beside the directory, and then looks whether there is another that
 * answers. Of two that claim at once at least the later sees the other, so there are never two holders; who sees
 * another steps back and tries again after a chance while. The kernel ends a socket with its process, so what a killed
 * one leaves is known to be stale, whatever process ids have been given again since, and as names are never used twice
 * it can be removed by anybody at any time.
 */
export async function lockDataDir(dataDir: string, clock: Clock, random: Random): Promise<DataDirLock> {
  const prefix = `${basename(dataDir)}.lock-`
  const folder = openSocketFolder(dirname(dataDir), prefix + 'x'.repeat(NAME_CHARS) + UNFINISHED)
  if (!folder) throw new StartRefused(`the path of ${dataDir} is too long for a socket; choose a shorter DATA_DIR`)
  try {
    for (let attempt = 1; ; attempt++) {
      const claim = await Claim.make(folder, `${prefix}${random.id().slice(0, NAME_CHARS)}`)
      const rival = await claim.findRival(prefix, clock).catch((err: unknown) => {
        claim.release()
        throw err
      })
      if (!rival) return claim.hold()
      claim.release()
      if (rival.isHolder || attempt === ATTEMPTS) {
        const who = rival.pid === '' ? '' : ` (pid ${rival.pid})`
        throw new StartRefused(
          `${dataDir} is in use by another Hongyan process${who}; stop it or choose another DATA_DIR`,
        )
      }
      await pause(clock, random.fraction() * FIRST_WAIT_MS * 2 ** attempt)
    }
  } catch (err) {
    folder.release()
    if (err instanceof StartRefused) throw err
    const problem = err instanceof Error ? err.message : String(err)
    throw new StartRefused(`${dirname(dataDir)} cannot be used for data: ${problem}`, { cause: err })
  }
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.after(delayMs, resolve))
}

/** A socket beside the data directory. */
class Claim {
  readonly #folder: SocketFolder
  readonly #name: string
  readonly #server: Server
  #isHeld = false

  private constructor(folder: SocketFolder, name: string) {
    this.#folder = folder
    this.#name = name
    this.#server = createServer((socket) => {
      socket.on('error', () => {})
      // Somebody who asks and does not listen must not keep the process from ending.
      socket.unref()
      socket.end(`${this.#isHeld ? 'held' : 'claimed'} ${process.pid}`)
    })
    // The process may end with it.
    this.#server.unref()
  }

  /** It gets its name when it listens already: one that does not answer is stale. */
  static async make(folder: SocketFolder, name: string): Promise<Claim> {
    const claim = new Claim(folder, name)
    const unfinished = join(folder.path, name + UNFINISHED)
    await new Promise<void>((resolve, reject) => {
      claim.#server.once('error', reject)
      claim.#server.listen(unfinished, resolve)
    })
    renameSync(unfinished, join(folder.path, name))
    return claim
  }

  hold(): DataDirLock {
    this.#isHeld = true
    return {
      release: () => {
        this.release()
        this.#folder.release()
      },
    }
  }

  release(): void {
    rmSync(join(this.#folder.path, this.#name), { force: true })
    this.#server.close()
  }

  /** The first living process found that claims or holds the same. Removes what dead ones have left. */
  async findRival(prefix: string, clock: Clock): Promise<Other | undefined> {
    for (const name of readdirSync(this.#folder.path)) {
      if (!name.startsWith(prefix) || name === this.#name) continue
      const path = join(this.#folder.path, name)
      const other = await ask(path, clock)
      if (other.isAlive) return other
      if (!name.endsWith(UNFINISHED)) rmSync(path, { force: true })
    }
    return undefined
  }
}

function ask(path: string, clock: Clock): Promise<Other> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(path)
    const settle = (other: Other): void => {
      cancel()
      socket.destroy()
      resolve(other)
    }
    const settleAlive = (): void => {
      const [state, pid = ''] = answer.split(' ')
      settle({ isAlive: true, isHolder: state !== 'claimed', pid })
    }
    // A process that is stopped or busy accepts through the kernel, and does not answer: it lives.
    const cancel = clock.after(ANSWER_DEADLINE_MS, settleAlive)
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('end', settleAlive)
    socket.on('error', (err: NodeJS.ErrnoException) => {
      if (err.code === 'ECONNREFUSED' || err.code === 'ENOENT') return settle(NOBODY)
      // It has gone while we asked.
      if (err.code === 'ECONNRESET' || err.code === 'EPIPE') return settle({ ...NOBODY, isAlive: true })
      cancel()
      reject(new StartRefused(`${path} belongs to another user (${err.code ?? err.message})`, { cause: err }))
    })
  })
}
