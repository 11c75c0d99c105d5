import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildNpm } from '../src/build/build-npm.ts'
import { scratch } from './kit/scratch.ts'

const json = JSON.stringify

describe('buildNpm', () => {
  test('copies the directory made for mini-programs, bundles other packages, leaves devDependencies', async () => {
    const project = scratch({
      'package.json': json({ dependencies: { made: '1', plain: '1' }, devDependencies: { tool: '1' } }),
      'node_modules/made/package.json': json({ name: 'made', version: '1.2.3', miniprogram: 'mp' }),
      'node_modules/made/mp/index.js': 'exports.made = true',
      'node_modules/made/mp/card/card.wxml': '<view/>',
      'node_modules/made/mp/index.js.map': '{}',
      'node_modules/plain/package.json': json({ name: 'plain', version: '2.0.0', main: 'lib/main.js' }),
      'node_modules/plain/lib/main.js': `exports.answer = require('./part').answer`,
      'node_modules/plain/lib/part.js': 'exports.answer = 42',
    })
    const outDir = join(project, 'miniprogram_npm')
    const built = await buildNpm({ packageJson: join(project, 'package.json'), outDir })
    expect(built).toEqual([
      { name: 'made', version: '1.2.3', how: 'copied' },
      { name: 'plain', version: '2.0.0', how: 'bundled' },
    ])
    expect(existsSync(join(outDir, 'made/card/card.wxml'))).toBe(true)
    expect(existsSync(join(outDir, 'made/index.js.map'))).toBe(false)
    expect(existsSync(join(outDir, 'tool'))).toBe(false)
    expect(createRequire(import.meta.url)(join(outDir, 'plain/index.js'))).toEqual({ answer: 42 })
  })

  test('a second version stands in its dependant', async () => {
    const project = scratch({
      'package.json': json({ dependencies: { one: '1', two: '1', shared: '1' } }),
      'node_modules/shared/package.json': json({ name: 'shared', version: '1.0.0', miniprogram: '.' }),
      'node_modules/one/package.json': json({
        name: 'one',
        version: '1',
        miniprogram: 'mp',
        dependencies: { shared: '1' },
      }),
      'node_modules/one/mp/index.js': '',
      'node_modules/two/package.json': json({
        name: 'two',
        version: '1',
        miniprogram: 'mp',
        dependencies: { shared: '2' },
      }),
      'node_modules/two/mp/index.js': '',
      'node_modules/two/node_modules/shared/package.json': json({ name: 'shared', version: '2.0.0', miniprogram: '.' }),
    })
    const outDir = join(project, 'out/miniprogram_npm')
    await buildNpm({ packageJson: join(project, 'package.json'), outDir })
    const versionAt = (path: string): unknown =>
      JSON.parse(readFileSync(join(outDir, path, 'package.json'), 'utf8')).version
    expect(versionAt('shared')).toBe('1.0.0')
    expect(versionAt('two/miniprogram_npm/shared')).toBe('2.0.0')
    expect(existsSync(join(outDir, 'one/miniprogram_npm'))).toBe(false)
  })

  test("refuses a package that needs Node's modules, and one that is not installed", async () => {
    const project = scratch({
      'package.json': json({ dependencies: { node: '1' } }),
      'absent/package.json': json({ dependencies: { 'surely-not-installed': '1' } }),
      'node_modules/node/package.json': json({ name: 'node', version: '1', main: 'index.js' }),
      'node_modules/node/index.js': `require('fs')`,
    })
    const outDir = join(project, 'out/miniprogram_npm')
    await expect(buildNpm({ packageJson: join(project, 'package.json'), outDir })).rejects.toThrow(
      `"node" needs Node's module "fs"`,
    )
    await expect(buildNpm({ packageJson: join(project, 'absent/package.json'), outDir })).rejects.toThrow(
      'the package "surely-not-installed" is not installed',
    )
  })
})
