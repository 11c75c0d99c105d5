import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemRandom } from '../kit/random.ts'
import { readOrCreateSecret, readSecret } from './secret-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hongyan-secret-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the first call makes 64 hexadecimal characters that only the owner can read, the second reads them', () => {
  const path = join(folder, 'secretkey')
  expect(readSecret(path)).toBeUndefined()
  const secret = readOrCreateSecret(path, systemRandom)
  expect(secret).toMatch(/^[0-9a-f]{64}$/)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(path, 'utf8')).toBe(`${secret}\n`)
  expect(readOrCreateSecret(path, systemRandom)).toBe(secret)
  expect(readSecret(path)).toBe(secret)
  expect(readdirSync(folder)).toEqual(['secretkey'])
})

test('two files do not get the same secret', () => {
  expect(readOrCreateSecret(join(folder, 'a'), systemRandom)).not.toBe(
    readOrCreateSecret(join(folder, 'b'), systemRandom),
  )
})

test('who comes second to a race takes the secret of the first', () => {
  const path = join(folder, 'secretkey')
  const first = 'c'.repeat(64)
  // The other process finishes between our look and our own link.
  const racing = {
    ...systemRandom,
    id: () => {
      writeFileSync(path, first, { mode: 0o600 })
      return systemRandom.id()
    },
  }
  expect(readOrCreateSecret(path, racing)).toBe(first)
  expect(readdirSync(folder)).toEqual(['secretkey'])
})

test('a file that others can read is refused with the remedy', () => {
  const path = join(folder, 'secretkey')
  const secret = readOrCreateSecret(path, systemRandom)
  for (const mode of [0o640, 0o604, 0o644, 0o660]) {
    chmodSync(path, mode)
    expect(() => readOrCreateSecret(path, systemRandom)).toThrow(`chmod 600 ${path}`)
  }
  chmodSync(path, 0o400)
  expect(readOrCreateSecret(path, systemRandom)).toBe(secret)
})

test('a file that holds no secret is refused, not replaced', () => {
  const path = join(folder, 'secretkey')
  for (const content of ['', 'short', 'with blanks '.repeat(5), 'x'.repeat(2000)]) {
    writeFileSync(path, content, { mode: 0o600 })
    expect(() => readOrCreateSecret(path, systemRandom)).toThrow(path)
    expect(readFileSync(path, 'utf8')).toBe(content)
  }
})

test('a folder that is not there, and a folder in place of the file, are errors', () => {
  expect(() => readOrCreateSecret(join(folder, 'no', 'secretkey'), systemRandom)).toThrow('ENOENT')
  const path = join(folder, 'taken')
  mkdirSync(path, { mode: 0o700 })
  expect(() => readOrCreateSecret(path, systemRandom)).toThrow()
})
