import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const RETRY_MS = 200
const WAIT_MS = 180_000

/**
 * Runs `work` while no other process does so with the same lock file. A lock whose owner is dead is taken over. Throws
 * when the owner lives and does not end within three minutes.
 */
export async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const deadlineMs = performance.now() + WAIT_MS
  while (!take(path)) {
    if (performance.now() > deadlineMs) throw new Error(`another build holds ${path} since ${WAIT_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
  try {
    await work()
  } finally {
    rmSync(path, { force: true })
  }
}

function take(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (err) {
    if (!hasCode(err, 'EEXIST')) throw err
  }
  if (!isAlive(ownerOf(path))) rmSync(path, { force: true })
  return false
}

/** Undefined between the lock's making and the writing of its owner. */
function ownerOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    return pid > 0 ? pid : undefined
  } catch (err) {
    if (hasCode(err, 'ENOENT')) return undefined
    throw err
  }
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (err) {
    return hasCode(err, 'EPERM')
  }
}

function hasCode(err: unknown, code: string): boolean {
  return err instanceof Error && 'code' in err && err.code === code
}
