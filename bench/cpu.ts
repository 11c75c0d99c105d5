import { readdirSync, readFileSync } from 'node:fs'

/** CPU time used so far, in milliseconds, by process. */
export type CpuByProcess = ReadonlyMap<number, number>

/**
 * CPU time that a process has used, and each of its descendants that live; nothing where the system does not tell. Unlike
 * time on the wall it does not grow with what else the machine is doing.
 */
export function cpuByProcess(pid: number): CpuByProcess {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const own = threads.reduce((sum, tid) => sum + threadMs(pid, tid), 0)
    const children = threads.flatMap((tid) => childrenOf(pid, tid))
    return new Map([[pid, own], ...children.flatMap((child) => [...cpuByProcess(child)])])
  } catch {
    return new Map()
  }
}

/** The sum over a process and its descendants that live. */
export function cpuMsOf(pid: number): number {
  return sumOf(cpuByProcess(pid).values())
}

/** What was used between two readings by those who live at the second: who has ended meanwhile took his time with him. */
export function cpuMsBetween(before: CpuByProcess, after: CpuByProcess): number {
  return sumOf([...after].map(([pid, ms]) => ms - (before.get(pid) ?? 0)))
}

function threadMs(pid: number, tid: string): number {
  return Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

function childrenOf(pid: number, tid: string): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

function sumOf(values: Iterable<number>): number {
  return [...values].reduce((sum, value) => sum + value, 0)
}
