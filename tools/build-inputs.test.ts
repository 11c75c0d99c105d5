import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hashBuildInputs, readBuildStamp, writeBuildStamp } from './build-inputs.mjs'
import { planted } from './planted.ts'

const TREE = {
  'package-lock.json': '{}',
  'protocol/src/index.ts': 'export {}',
  'protocol/dist/index.js': '',
  'server/src/deep/main.ts': 'export {}',
  'server/src/deep/main.test.ts': 'export {}',
  'server/dist/main.js': '',
}

describe('whether there is something to build', () => {
  test('a build is fresh until a source, a setting or a dependency changes', () => {
    for (const path of ['server/src/deep/main.ts', 'server/src/new.ts', 'package-lock.json', 'tsconfig.base.json']) {
      const root = planted(TREE)
      writeBuildStamp(root, hashBuildInputs(root))
      expect(readBuildStamp(root)).toBe(hashBuildInputs(root))
      writeFileSync(join(root, path), 'export const changed = 1')
      expect(readBuildStamp(root)).not.toBe(hashBuildInputs(root))
    }
  })

  test('times and tests do not count', () => {
    const root = planted(TREE)
    const hash = hashBuildInputs(root)
    utimesSync(join(root, 'server/src/deep/main.ts'), 0, 0)
    writeFileSync(join(root, 'server/src/deep/main.test.ts'), 'changed')
    expect(hashBuildInputs(root)).toBe(hash)
  })

  test('a renamed source counts', () => {
    const root = planted(TREE)
    const hash = hashBuildInputs(root)
    rmSync(join(root, 'protocol/src/index.ts'))
    writeFileSync(join(root, 'protocol/src/other.ts'), TREE['protocol/src/index.ts'])
    expect(hashBuildInputs(root)).not.toBe(hash)
  })

  test('without a stamp, or with an output gone, nothing counts as built', () => {
    const root = planted(TREE)
    expect(readBuildStamp(root)).toBeUndefined()
    writeBuildStamp(root, 'x')
    expect(readBuildStamp(root)).toBe('x')
    rmSync(join(root, 'protocol/dist'), { recursive: true })
    expect(readBuildStamp(root)).toBeUndefined()
  })
})
