import { spawn, type ChildProcess } from 'node:child_process'
import type { RunAs } from './run-as.ts'

/** Nothing of our own environment: it may hold secrets, and PG… variables would change what the programs do. */
const CHILD_ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }

export interface ChildOptions {
  readonly cwd: string
  readonly runAs: RunAs | undefined
  /** Text for its standard input; nothing by default. */
  readonly input?: string
  /** Handles it gets as 3, 4 … */
  readonly handles?: readonly number[]
}

export interface ChildResult {
  readonly exitCode: number | null
  readonly output: string
}

const MAX_OUTPUT_CHARS = 64_000

/**
 * Starts one of PostgreSQL's programs in a session of its own: a Ctrl-C in the terminal goes to us alone, so that we
 * drain first and stop PostgreSQL then.
 */
export function startChild(program: string, args: readonly string[], options: ChildOptions): ChildProcess {
  const { cwd, runAs, input, handles = [] } = options
  const child = spawn(program, args, {
    cwd,
    env: CHILD_ENV,
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...handles],
    ...runAs,
  })
  // A child that ends without reading its input is known by its exit code.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return child
}

/** Runs a program to its end. Rejects when it cannot be started, or with the signal's reason; then it is gone too. */
export function runChild(
  program: string,
  args: readonly string[],
  options: ChildOptions & { readonly signal?: AbortSignal | undefined },
): Promise<ChildResult> {
  const { signal } = options
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = startChild(program, args, options)
    let output = ''
    const note = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-MAX_OUTPUT_CHARS)
    }
    const abort = (): void => killGroup(child)
    child.stdout?.on('data', note)
    child.stderr?.on('data', note)
    signal?.addEventListener('abort', abort, { once: true })
    child.once('error', reject)
    child.once('close', (exitCode) => {
      signal?.removeEventListener('abort', abort)
      if (signal?.aborted) reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
      else resolve({ exitCode, output })
    })
  })
}

/** The program and what it started itself: the session is its own. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
