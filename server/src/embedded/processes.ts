import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A process as everybody may see it. */
export interface Process {
  readonly pid: number
  readonly uid: number
  /** Its command line, or the title it has given itself. */
  readonly title: string
}

const PS_DEADLINE_MS = 5_000

/**
 * All living processes. What is dead and only waits for its parent to notice is none: where nobody collects the orphans
 * (a container without an init) it stays for ever, and has a number to which signals can be sent. Reads only what root
 * may read without special rights: in a container it may not ask for another user's working directory.
 */
export function listProcesses(): readonly Process[] {
  return process.platform === 'linux' ? readProc() : readPs()
}

function readProc(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8')
        if (/^State:\s*[ZX]/m.test(status)) return []
        const title = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        return [{ pid: Number(name), uid: Number(/^Uid:\s*\d+\s+(\d+)/m.exec(status)?.[1]), title }]
      } catch {
        // It has gone while we looked.
        return []
      }
    })
}

function readPs(): readonly Process[] {
  const output = execFileSync('ps', ['-axo', 'pid=,uid=,stat=,command='], {
    encoding: 'utf8',
    timeout: PS_DEADLINE_MS,
    maxBuffer: 64 << 20,
  })
  return output.split('\n').flatMap((line) => {
    const [, pid, uid, state, title] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return pid && title && !state?.startsWith('Z') ? [{ pid: Number(pid), uid: Number(uid), title }] : []
  })
}
