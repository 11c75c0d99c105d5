import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ProcessOptions {
  /** Names its log, `<name>.log` in the folder. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
}

/** A process of ours, with its output in a file. */
export interface RunningProcess {
  readonly name: string
  readonly pid: number
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  isRunning(): boolean
  kill(signal: NodeJS.Signals): void
  /** SIGTERM, and SIGKILL when that has not ended it in time. */
  stop(withinMs: number): Promise<number | NodeJS.Signals>
  output(): string
}

/** Starts it with these variables and no others but PATH. It is killed when this process ends without stopping it. */
export function runProcess({ name, command, args, env, folder }: ProcessOptions): RunningProcess {
  const logPath = join(folder, `${name}.log`)
  const log = openSync(logPath, 'a', 0o600)
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const killOnExit = (): void => void child.kill('SIGKILL')
  process.once('exit', killOnExit)
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      process.off('exit', killOnExit)
      resolve(code ?? signal ?? 'SIGKILL')
    })
  })
  ended.catch(() => {})
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null
  return {
    name,
    pid: child.pid ?? 0,
    ended,
    isRunning,
    kill: (signal) => void child.kill(signal),
    stop: async (withinMs) => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
      return ended.finally(() => clearTimeout(timer))
    },
    output: () => readFileSync(logPath, 'utf8'),
  }
}

/** Asks until the answer is yes. Rejects after the deadline, and at once when the process has ended, with the end of its log. */
export async function untilUp(running: RunningProcess, isUp: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await isUp().catch(() => false))) {
    if (!running.isRunning() || performance.now() > deadline) {
      throw new Error(`${running.name} did not come up:\n${running.output().slice(-2000)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
