import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, extname, join, relative, resolve, sep } from 'node:path'
import type { AppBundle } from '../runtime/app-bundle.ts'
import { SCOPE_NAMES, SHADOWED_NAMES } from '../runtime/sandbox-names.ts'
import { emptyDirectory } from './empty-directory.ts'
import type { RuntimeFiles } from './runtime-bundle.ts'
import type { Script } from './scripts.ts'

/** What app.js is written from; functions of AppBundle are text here. */
export interface EmitInput {
  readonly bundle: Omit<AppBundle, 'modules' | 'templates'>
  readonly scripts: Iterable<Script>
  readonly templates: string
  readonly runtime: RuntimeFiles
  /** The directory of app.json: its pictures and sounds are copied. */
  readonly appRoot: string
}

const INDEX_HTML = `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1, maximum-scale=1, viewport-fit=cover" />
    <title>mini-program</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/base.css" />
  </head>
  <body>
    <script src="/app.js"></script>
    <script src="/runtime.js"></script>
  </body>
</html>
`

/**
 * Writes the web form of a program; the directory is emptied first.
 * @throws Error when the directory holds something else than the web form of a program.
 */
export async function emitApp(outDir: string, input: EmitInput): Promise<void> {
  await emptyDirectory(outDir, (names) => names.includes('runtime.js'))
  await Promise.all([
    copyAssets(input.appRoot, outDir),
    writeFile(join(outDir, 'index.html'), INDEX_HTML),
    writeFile(join(outDir, 'base.css'), input.runtime.style),
    writeFile(join(outDir, 'runtime.js'), input.runtime.script),
    writeFile(join(outDir, 'app.js'), writeAppScript(input)),
  ])
}

function writeAppScript(input: EmitInput): string {
  const outer = [...SCOPE_NAMES, ...SHADOWED_NAMES].join(', ')
  const modules = [...input.scripts].map(
    (script) => `${JSON.stringify(`/${script.path}`)}: {
requires: ${JSON.stringify(withSlashes(script.requires))},
load: function (${outer}) { return function (require, module, exports) { 'use strict';
${script.code}
} } },
`,
  )
  const names = ['$hooks', 'getDate', 'getRegExp', ...SHADOWED_NAMES].join(', ')
  return `globalThis.__miniprogramApp = Object.assign(${JSON.stringify(input.bundle)}, {
modules: {
${modules.join('')}},
templates: function (${names}) { return ${input.templates} },
})
`
}

function withSlashes(requires: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(requires).map(([specifier, path]) => [specifier, `/${path}`]))
}

const CODE = new Set(['.wxml', '.wxss', '.wxs', '.js', '.ts', '.json', '.map', '.md', '.scss', '.less'])

async function copyAssets(appRoot: string, outDir: string): Promise<void> {
  const files = await readdir(appRoot, { recursive: true, withFileTypes: true })
  const out = resolve(outDir)
  for (const file of files) {
    const path = join(file.parentPath, file.name)
    if (!file.isFile() || CODE.has(extname(file.name))) continue
    const inside = relative(appRoot, path)
    if (inside.split(sep).includes('node_modules') || resolve(path).startsWith(out + sep)) continue
    await mkdir(dirname(join(out, inside)), { recursive: true })
    await cp(path, join(out, inside))
  }
}
