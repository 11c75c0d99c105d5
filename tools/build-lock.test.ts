import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { withLock } from './build-lock.ts'
import { planted } from './planted.ts'

describe('the lock of a build', () => {
  test('two who want it work one after the other', async () => {
    const path = join(planted({}), 'cache/build.lock')
    const events: string[] = []
    const work = (name: string) => async (): Promise<void> => {
      events.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      events.push(`${name} ends`)
    }
    await Promise.all([withLock(path, work('a')), withLock(path, work('b'))])
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
    expect(existsSync(path)).toBe(false)
  })

  test('the lock of a dead process is taken over', async () => {
    const path = join(planted({}), 'build.lock')
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    writeFileSync(path, String(pid))
    let didWork = false
    await withLock(path, async () => {
      didWork = true
    })
    expect(didWork).toBe(true)
  })

  test('it is given back when the work fails', async () => {
    const path = join(planted({}), 'build.lock')
    await expect(withLock(path, () => Promise.reject(new Error('no compiler')))).rejects.toThrow('no compiler')
    expect(existsSync(path)).toBe(false)
  })
})
