import { posix } from 'node:path'
import { transform, type TransformFailure } from 'esbuild'
import type { AppFiles, AppPath } from './app-files.ts'
import { CompileError } from './compile-error.ts'

/** A module as CommonJS. */
export interface Script {
  readonly path: AppPath
  readonly code: string
  /** Module paths by the specifier in the code. */
  readonly requires: Readonly<Record<string, AppPath>>
}

/**
 * The modules reached from `roots`.
 * @throws CompileError when one is missing or is not JavaScript.
 */
export async function compileScripts(
  files: AppFiles,
  roots: readonly AppPath[],
): Promise<ReadonlyMap<AppPath, Script>> {
  const scripts = new Map<AppPath, Script>()
  let wave = new Set(roots)
  while (wave.size > 0) {
    const compiled = await Promise.all([...wave].map((path) => compileScript(files, path)))
    for (const script of compiled) scripts.set(script.path, script)
    const next = compiled.flatMap((script) => Object.values(script.requires))
    wave = new Set(next.filter((path) => !scripts.has(path)))
  }
  return scripts
}

/** The script of a page, a component or the application: `.ts` or `.js`. */
export function findScript(files: AppFiles, path: AppPath): AppPath {
  const found = [`${path}.ts`, `${path}.js`].find((each) => files.has(each))
  if (found === undefined) throw new CompileError(`${path}.js`, undefined, 'no such file')
  return found
}

async function compileScript(files: AppFiles, path: AppPath): Promise<Script> {
  const source = files.read(path)
  const isTypeScript = path.endsWith('.ts')
  try {
    const { code } = await transform(source, {
      loader: isTypeScript ? 'ts' : 'js',
      format: 'cjs',
      target: 'es2022',
      charset: 'utf8',
      sourcefile: path,
      // Class fields are assigned, as devtools' compiler does.
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, experimentalDecorators: true } },
    })
    return { path, code, requires: resolveRequires(files, path, code) }
  } catch (err) {
    throw toCompileError(err, path)
  }
}

/** esbuild prints every import and require with a plain string as `require("…")`. */
const REQUIRE = /(?<![\w$.])require\("((?:[^"\\\n]|\\.)+)"\)/g

function resolveRequires(files: AppFiles, from: AppPath, code: string): Record<string, AppPath> {
  const requires: Record<string, AppPath> = {}
  for (const [, specifier = ''] of code.matchAll(REQUIRE)) {
    const target = resolveModule(files, from, specifier)
    // A require that never runs is legal; one that runs says at run time what is missing.
    if (target !== undefined) requires[specifier] = target
    else if (isWrittenInSource(files, from, specifier)) {
      throw new CompileError(from, lineOf(files.read(from), specifier), `module "${specifier}" is not found`)
    }
  }
  return requires
}

/** Not for npm: libraries probe for modules that may be absent. */
function isWrittenInSource(files: AppFiles, from: AppPath, specifier: string): boolean {
  return !from.includes('miniprogram_npm/') && files.read(from).includes(specifier)
}

/** WeChat's rule: relative and absolute paths, then npm from the nearest miniprogram_npm outwards. */
export function resolveModule(files: AppFiles, from: AppPath, specifier: string): AppPath | undefined {
  const isLocal = specifier.startsWith('.') || specifier.startsWith('/')
  const local = findModule(files, isLocal || isInside(from) ? safeJoin(files, from, specifier) : undefined)
  if (isLocal) return local
  for (const candidate of files.npmCandidates(from, specifier)) {
    const found = findModule(files, candidate)
    if (found !== undefined) return found
  }
  return local
}

/** `require('utils/a')` without a dot means the directory beside the file. */
function isInside(from: AppPath): boolean {
  return !from.startsWith('miniprogram_npm/')
}

function findModule(files: AppFiles, path: AppPath | undefined): AppPath | undefined {
  if (path === undefined) return undefined
  const bare = path.replace(/\.js$/, '')
  const candidates = [path, `${bare}.ts`, `${bare}.js`, posix.join(path, 'index.ts'), posix.join(path, 'index.js')]
  return candidates.find((each) => /\.[jt]s$/.test(each) && !each.endsWith('.d.ts') && files.has(each))
}

function safeJoin(files: AppFiles, from: AppPath, specifier: string): AppPath | undefined {
  try {
    return files.join(from, specifier)
  } catch {
    return undefined
  }
}

function lineOf(source: string, text: string): number {
  return source.slice(0, source.indexOf(text)).split('\n').length
}

function toCompileError(err: unknown, path: AppPath): unknown {
  if (err instanceof CompileError || !(err instanceof Error) || !('errors' in err)) return err
  const [first] = (err as TransformFailure).errors
  return new CompileError(path, first?.location?.line, first?.text ?? err.message)
}
