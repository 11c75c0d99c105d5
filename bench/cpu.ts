import { readdirSync, readFileSync } from 'node:fs'

/**
 * CPU time that a process has used, in milliseconds, and of its children that live; 0 where the system does not tell.
 * Unlike time on the wall it does not grow with what else the machine is doing.
 */
export function cpuMsOf(pid: number): number {
  try {
    return threadsOf(pid).reduce((sum, tid) => {
      const children = readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8').trim()
      const own = Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
      return (
        sum + own + (children === '' ? 0 : children.split(' ').reduce((all, child) => all + cpuMsOf(Number(child)), 0))
      )
    }, 0)
  } catch {
    return 0
  }
}

function threadsOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/task`)
}
