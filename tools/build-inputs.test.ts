import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hashBuildInputs, partsOf, readBuildStamps, staleParts, writeBuildStamps } from './build-inputs.mjs'
import { planted } from './planted.ts'

const TREE = {
  'package-lock.json': '{}',
  'protocol/src/index.ts': 'export {}',
  'protocol/dist/index.js': '',
  'server/src/deep/main.ts': 'export {}',
  'server/src/deep/main.test.ts': 'export {}',
  'server/dist/main.js': '',
  'client-sdk/src/index.ts': 'export {}',
  'client-sdk/dist/index.js': '',
  'web-demo/src/main.ts': 'export {}',
  'web-demo/dist/index.html': '',
}

/** A checkout in which everything is built from what is there. */
function builtTree(): string {
  const root = planted(TREE)
  writeBuildStamps(root, Object.fromEntries(partsOf(root).map((part) => [part, hashBuildInputs(root, part)])))
  return root
}

describe('whether there is something to build', () => {
  test('nothing, right after a build', () => {
    expect(partsOf(builtTree())).toEqual(['protocol', 'server', 'client-sdk', 'web-demo'])
    expect(staleParts(builtTree())).toEqual([])
  })

  test.each([
    ['server/src/deep/main.ts', ['server']],
    ['server/src/new.ts', ['server']],
    ['web-demo/index.html', ['web-demo']],
    ['client-sdk/src/index.ts', ['client-sdk', 'web-demo']],
    ['protocol/src/index.ts', ['protocol', 'server', 'client-sdk', 'web-demo']],
    ['package-lock.json', ['protocol', 'server', 'client-sdk', 'web-demo']],
    ['tsconfig.base.json', ['protocol', 'server', 'client-sdk', 'web-demo']],
  ])('a change of %s concerns %j', (path, stale) => {
    const root = builtTree()
    writeFileSync(join(root, path), 'export const changed = 1')
    expect(staleParts(root)).toEqual(stale)
  })

  test('times and tests do not count', () => {
    const root = builtTree()
    utimesSync(join(root, 'server/src/deep/main.ts'), 0, 0)
    writeFileSync(join(root, 'server/src/deep/main.test.ts'), 'changed')
    expect(staleParts(root)).toEqual([])
  })

  test('a renamed source counts', () => {
    const root = builtTree()
    rmSync(join(root, 'web-demo/src/main.ts'))
    writeFileSync(join(root, 'web-demo/src/other.ts'), TREE['web-demo/src/main.ts'])
    expect(staleParts(root)).toEqual(['web-demo'])
  })

  test('without a stamp, or with its output gone, a part does not count as built', () => {
    const root = planted(TREE)
    expect(readBuildStamps(root)).toEqual({})
    expect(staleParts(root)).toEqual(partsOf(root))
    writeBuildStamps(root, { protocol: 'x', server: 'y' })
    rmSync(join(root, 'protocol/dist'), { recursive: true })
    expect(readBuildStamps(root)).toEqual({ server: 'y' })
  })
})
