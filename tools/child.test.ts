import { describe, expect, test } from 'vitest'
import { runChild } from './child.ts'

const DEADLINE_MS = 60_000

function node(script: string, deadlineMs = DEADLINE_MS) {
  return runChild({ command: process.execPath, args: ['-e', script], cwd: '.', deadlineMs })
}

describe('a child process', () => {
  test('its output and exit code come back', async () => {
    const script = "process.stdout.write('out'); process.stderr.write('err'); process.exitCode = 3"
    const result = await node(script)
    expect(result.exitCode).toBe(3)
    expect(result.output).toContain('out')
    expect(result.output).toContain('err')
  })

  test('one that hangs is ended at its deadline, with what it started', async () => {
    const script =
      "require('child_process').spawn('sleep', ['1000'], { stdio: 'inherit' }); setInterval(() => {}, 1000)"
    // The pipes close only when the grandchild is gone too.
    expect(await node(script, 500)).toMatchObject({ exitCode: undefined, hitDeadline: true })
  })

  test('a program that does not exist is an error', async () => {
    const run = runChild({ command: 'no-such-program', args: [], cwd: '.', deadlineMs: DEADLINE_MS })
    await expect(run).rejects.toThrow('ENOENT')
  })
})
