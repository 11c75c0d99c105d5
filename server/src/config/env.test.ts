import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readEnvironment } from './env.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hongyan-env-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('what the process has wins over the file', () => {
  const file = join(folder(), '.env')
  writeFileSync(file, '# comment\nPORT=8080\nHOST="127.0.0.1"\n')
  const env = readEnvironment({ PORT: '9090' }, file)
  expect(env).toEqual({ PORT: '9090', HOST: '127.0.0.1' })
})

test('no file is as good as an empty one', () => {
  expect(readEnvironment({ PORT: '9090' }, join(folder(), '.env'))).toEqual({ PORT: '9090' })
})

test('a file that cannot be read is not ignored', () => {
  expect(() => readEnvironment({}, folder())).toThrow('EISDIR')
})
