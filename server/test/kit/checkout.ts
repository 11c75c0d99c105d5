import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The repository's folder, without a slash at its end. */
export const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

const RUN_DEADLINE_MS = 30_000

/** How a program ended. */
export interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * A folder inside the checkout, where programs find its packages as an application would, but neither git nor the other
 * checks look. It ends with the test that runs.
 */
export function makeFolderInside(): string {
  const cache = join(CHECKOUT, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'hongyan-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs a program; one that hangs is ended and has the code -1. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Run> {
  const env = { PATH: process.env['PATH'] ?? '', ...options.env }
  return new Promise((resolve) => {
    execFile(command, args, { cwd: options.cwd, env, timeout: RUN_DEADLINE_MS }, (err, stdout, stderr) => {
      const code = typeof err?.code === 'number' ? err.code : -1
      resolve({ code: err ? code : 0, stdout, stderr })
    })
  })
}

/** Runs a program's text with plain Node, inside the checkout. */
export async function runProgram(name: string, text: string): Promise<Run> {
  const folder = makeFolderInside()
  writeFileSync(join(folder, name), text)
  return run(process.execPath, [name], { cwd: folder })
}
