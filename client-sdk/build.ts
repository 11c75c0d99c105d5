import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rolldown, type OutputOptions } from 'rolldown'
import { buildTypes } from './build-types.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

interface Bundle {
  readonly entry: string
  readonly target: string
  readonly platform: 'browser' | 'node' | 'neutral'
  readonly external?: readonly string[]
  readonly outputs: readonly OutputOptions[]
}

/**
 * The module itself under both of its names, by whichever way a page takes it: an application writes TIM.create(…), so
 * what it gets must be the façade and not an object that holds it. Rolldown's own form knows one name only.
 */
const UMD = {
  banner: [
    '!function (root, factory) {',
    "  if (typeof module === 'object' && typeof exports === 'object') module.exports = factory()",
    "  else if (typeof define === 'function' && define.amd) define([], factory)",
    '  else root.TIM = root.TencentCloudChat = factory()',
    "}(typeof globalThis === 'object' ? globalThis : self, function () {",
  ].join('\n'),
  footer: 'return TIM})',
}

/** Each platform has its own entry: nothing is sniffed when the SDK is loaded. */
const BUNDLES: readonly Bundle[] = [
  {
    entry: 'src/index.ts',
    target: 'es2020',
    platform: 'browser',
    outputs: [{ file: 'dist/esm/index.mjs', format: 'esm' }],
  },
  {
    entry: 'src/index.umd.ts',
    target: 'es2017',
    platform: 'browser',
    outputs: [{ file: 'dist/umd/hongyan.js', format: 'iife', name: 'TIM', exports: 'default', ...UMD }],
  },
  {
    entry: 'src/index.miniprogram.ts',
    target: 'es2017',
    platform: 'neutral',
    outputs: [{ file: 'dist/miniprogram/index.js', format: 'cjs', exports: 'default' }],
  },
  {
    entry: 'src/index.node.ts',
    target: 'es2022',
    platform: 'node',
    external: ['ws'],
    outputs: [
      { file: 'dist/node/index.mjs', format: 'esm' },
      { file: 'dist/node/index.cjs', format: 'cjs', exports: 'default' },
    ],
  },
]

/** Builds every bundle and the public types into dist/. */
export async function buildSdk(): Promise<void> {
  rmSync(here('dist'), { recursive: true, force: true })
  for (const bundle of BUNDLES) await build(bundle)
  // dist/ lies in a package of ES modules; what WeChat and require() load is CommonJS.
  for (const folder of ['umd', 'miniprogram']) {
    mkdirSync(here(`dist/${folder}`), { recursive: true })
    writeFileSync(here(`dist/${folder}/package.json`), '{ "type": "commonjs" }\n')
  }
  buildTypes()
}

async function build({ entry, target, platform, external = [], outputs }: Bundle): Promise<void> {
  const bundle = await rolldown({
    input: here(entry),
    platform,
    external: [...external],
    resolve: { conditionNames: ['source', 'import', 'default'] },
    // Fields become plain assignments, and those without a value none at all, which for our classes means the same: each
    // is given its value by the constructor. The settings of the type check would bring back defineProperty for each, at
    // 400 bytes of the mini-program's budget.
    tsconfig: false,
    transform: {
      target,
      assumptions: { setPublicClassFields: true },
      typescript: { removeClassFieldsWithoutInitializer: true },
    },
  })
  for (const output of outputs) {
    // A map beside the mini-program's bundle would be packed with the pages, and count towards WeChat's 2 MB.
    const sourcemap = platform !== 'neutral'
    await bundle.write({ ...output, file: here(output.file ?? ''), minify: true, comments: false, sourcemap })
  }
  await bundle.close()
}
