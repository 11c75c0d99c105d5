import { spawn } from 'node:child_process'

export interface ChildResult {
  /** Undefined when the child was ended by a signal, its deadline included. */
  readonly exitCode: number | undefined
  /** Standard output and error in the order they came; empty when `isShown`. */
  readonly output: string
  readonly hitDeadline: boolean
}

const MAX_OUTPUT_CHARS = 4_000_000
const KILL_AFTER_MS = 5_000

/**
 * Runs a program to its end. At the deadline its whole process group gets SIGTERM, and SIGKILL some seconds later; so do
 * its children when we are interrupted. Rejects only when the program cannot be started.
 */
export async function runChild(options: {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly deadlineMs: number
  readonly env?: NodeJS.ProcessEnv
  /** Its output goes straight to ours instead of being collected. */
  readonly isShown?: boolean
}): Promise<ChildResult> {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    // A group of its own, so that what the child starts ends with it.
    detached: true,
    stdio: options.isShown === true ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const collect = (text: string): void => {
    if (output.length < MAX_OUTPUT_CHARS) output += text
  }
  child.stdout?.setEncoding('utf8').on('data', collect)
  child.stderr?.setEncoding('utf8').on('data', collect)

  let hitDeadline = false
  let killTimer: NodeJS.Timeout | undefined
  const end = (): void => {
    signalGroup(child.pid, 'SIGTERM')
    killTimer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), KILL_AFTER_MS)
  }
  const deadline = setTimeout(() => {
    hitDeadline = true
    end()
  }, options.deadlineMs)
  process.on('SIGINT', end).on('SIGTERM', end)
  try {
    const exitCode = await new Promise<number | undefined>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve(code ?? undefined))
    })
    return { exitCode, output, hitDeadline }
  } finally {
    clearTimeout(deadline)
    clearTimeout(killTimer)
    process.off('SIGINT', end).off('SIGTERM', end)
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // The group has ended already.
  }
}
