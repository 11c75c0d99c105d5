import { posix } from 'node:path'
import { TmplGroup } from 'glass-easel-template-compiler'
import type { AppFiles, AppPath } from './app-files.ts'
import { CompileError } from './compile-error.ts'
import { translateWxs } from './wxs-translate.ts'

/** The framework's hooks, filled by what the runtime gives as `$hooks` (runtime/wxs.ts). */
const EXTRA_RUNTIME = [
  'Q.A=function(f){return $hooks.changeListener(f)}',
  'Q.C=function(host,event,listener){return $hooks.handleEvent(host,event,listener)}',
  // The compiler declares D only where there is WXS.
  'if(typeof D!=="undefined"){var $define=D',
  'D=function(name,load){return $define(name,function(require,exports,module){load(require,exports,module);$hooks.mark(module.exports)})}}',
  '',
].join(';')

export interface CompiledTemplates {
  /** A JavaScript expression: the groups by path. It reads `$hooks`, getDate and getRegExp. */
  readonly code: string
  readonly warnings: readonly string[]
}

/**
 * Compiles the WXML of pages and components with all that they import, and their WXS.
 * @throws CompileError for the first thing that the compiler calls an error.
 */
export function compileTemplates(files: AppFiles, entries: Iterable<AppPath>): CompiledTemplates {
  const compiler = new TemplateSet(files)
  for (const path of entries) compiler.add(path, `${path}.wxml`)
  return compiler.finish()
}

class TemplateSet {
  private readonly files: AppFiles
  private readonly group = new TmplGroup()
  private readonly added = new Set<AppPath>()
  private readonly scripts = new Set<AppPath>()
  private readonly warnings: string[] = []

  constructor(files: AppFiles) {
    this.files = files
    this.group.setExtraRuntimeScript(EXTRA_RUNTIME)
  }

  /** `path` without extension, as imports are named by the compiler. */
  add(path: AppPath, from: AppPath): void {
    if (this.added.has(path)) return
    this.added.add(path)
    const file = `${path}.wxml`
    if (!this.files.has(file)) throw new CompileError(from, undefined, `template "${file}" is not found`)
    this.note(file, this.group.addTmpl(path, this.files.read(file)))
    this.translateInlineScripts(path)
    for (const dependency of toTexts(this.group.getDirectDependencies(path)))
      this.add(stripExtension(dependency, '.wxml'), file)
    for (const script of toTexts(this.group.getScriptDependencies(path)))
      this.addScript(stripExtension(script, '.wxs'), file)
  }

  finish(): CompiledTemplates {
    const code = this.group.getTmplGenObjectGroups()
    this.group.free()
    return { code, warnings: this.warnings }
  }

  private addScript(path: AppPath, from: AppPath): void {
    if (this.scripts.has(path)) return
    this.scripts.add(path)
    const file = `${path}.wxs`
    if (!this.files.has(file)) throw new CompileError(from, undefined, `WXS "${file}" is not found`)
    const source = this.files.read(file)
    this.group.addScript(path, translateWxs(source))
    for (const [, written = ''] of source.matchAll(/\brequire\(\s*['"]([^'"]+)['"]\s*\)/g)) {
      this.addScript(stripExtension(posix.normalize(this.files.join(file, written)), '.wxs'), file)
    }
  }

  private translateInlineScripts(path: AppPath): void {
    for (const name of toTexts(this.group.getInlineScriptModuleNames(path))) {
      const source = this.group.getInlineScript(path, name)
      this.group.setInlineScript(path, name, translateWxs(source))
      for (const [, written = ''] of source.matchAll(/\brequire\(\s*['"]([^'"]+)['"]\s*\)/g)) {
        this.addScript(stripExtension(this.files.join(path, written), '.wxs'), `${path}.wxml`)
      }
    }
  }

  private note(file: AppPath, problems: unknown): void {
    for (const { isError, message, startLine } of problems as readonly TemplateProblem[]) {
      if (isError) throw new CompileError(file, startLine + 1, message)
      this.warnings.push(`${file}:${startLine + 1}: ${message}`)
    }
  }
}

/** The compiler's TemplateParseError. */
interface TemplateProblem {
  readonly isError: boolean
  readonly message: string
  /** From 0. */
  readonly startLine: number
}

function toTexts(values: readonly unknown[]): readonly string[] {
  return values.filter((value): value is string => typeof value === 'string')
}

function stripExtension(path: string, extension: string): string {
  return path.endsWith(extension) ? path.slice(0, -extension.length) : path
}
