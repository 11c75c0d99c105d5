import { describe, expect, test } from 'vitest'
import { AppFiles } from '../src/build/app-files.ts'
import { compileScripts } from '../src/build/scripts.ts'
import { scratch } from './kit/scratch.ts'

async function compile(files: Readonly<Record<string, string>>, root = 'app.ts') {
  return compileScripts(new AppFiles(scratch(files), undefined), [root])
}

describe('compileScripts', () => {
  test('follows imports and requires through TypeScript, JavaScript, directories and npm', async () => {
    const scripts = await compile({
      'app.ts': `import { a } from './im/a'\nimport type { B } from './types'\nconst c = require('pkg')\nApp({ a, c } as B)`,
      'im/a.ts': `export * from '../util'\nexport const a = 1`,
      'util/index.js': `exports.b = require('/root.js')`,
      'root.js': '',
      'types.ts': 'export type B = object',
      'miniprogram_npm/pkg/index.js': `module.exports = require('inner/deep')`,
      'miniprogram_npm/pkg/miniprogram_npm/inner/deep.js': '',
    })
    expect([...scripts.keys()].toSorted()).toEqual([
      'app.ts',
      'im/a.ts',
      'miniprogram_npm/pkg/index.js',
      'miniprogram_npm/pkg/miniprogram_npm/inner/deep.js',
      'root.js',
      'util/index.js',
    ])
    expect(scripts.get('app.ts')?.requires).toEqual({ './im/a': 'im/a.ts', pkg: 'miniprogram_npm/pkg/index.js' })
  })

  test('a missing module is refused with the line that asks for it', async () => {
    await expect(compile({ 'app.ts': `const a = 1\nimport { b } from './gone'\nApp({ a, b })` })).rejects.toThrow(
      'app.ts:2: module "./gone" is not found',
    )
  })

  test('a library may ask for what is absent: it fails only if it runs', async () => {
    const scripts = await compile({
      'app.ts': `require('pkg')`,
      'miniprogram_npm/pkg/index.js': `try { require('optional') } catch {}`,
    })
    expect(scripts.get('miniprogram_npm/pkg/index.js')?.requires).toEqual({})
  })

  test('what is no JavaScript is refused with its line', async () => {
    await expect(compile({ 'app.ts': `App({\n  a:: 1,\n})` })).rejects.toThrow(/^app\.ts:2: /)
  })
})
