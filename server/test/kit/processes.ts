import { readdirSync, readFileSync } from 'node:fs'

/** A process and all that it has forked, such as a postmaster and its back ends. */
export function processesOf(pid: number): readonly number[] {
  const children = readdirSync('/proc').flatMap((name) => {
    try {
      // The name in brackets may hold spaces; the parent is the second field after it.
      const parent = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]
      return /^\d+$/.test(name) && Number(parent) === pid ? [Number(name)] : []
    } catch {
      return []
    }
  })
  return [pid, ...children]
}

export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended meanwhile.
    }
  }
}
