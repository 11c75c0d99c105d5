import type { AppBundle, EntryRecord } from '../runtime/app-bundle.ts'
import { readAppConfig } from './app-config.ts'
import { AppFiles, findAppRoot, type AppPath } from './app-files.ts'
import { componentsBelow, readComponentGraph, type Entry } from './component-graph.ts'
import { emitApp } from './emit.ts'
import { bundleRuntime } from './runtime-bundle.ts'
import { compileScripts, findScript } from './scripts.ts'
import { compileTemplates } from './templates.ts'
import { compileWxss } from './wxss.ts'

/** Where the application is and where its web form goes. */
export interface CompileOptions {
  /** The project's directory (with project.config.json) or the directory of app.json itself. */
  readonly root: string
  /** Emptied, made when absent; receives index.html, runtime.js, app.js, base.css and the application's other files. */
  readonly outDir: string
  /** miniprogram_npm to use when the application has none of its own beside app.json. */
  readonly npmDir?: string
}

/** What was compiled; paths without extension, relative to the directory of app.json. */
export interface CompiledApp {
  readonly outDir: string
  /** The directory of app.json. */
  readonly appRoot: string
  readonly pages: readonly string[]
  /** Components reached by usingComponents, pages not included. */
  readonly components: readonly string[]
  /** Script modules reached, with extension. */
  readonly modules: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * Compiles a native mini-program for Chromium.
 * @throws CompileError with file and line when WXML, WXSS, scripts or JSON are wrong or a file is missing.
 */
export async function compileApp(options: CompileOptions): Promise<CompiledApp> {
  const files = new AppFiles(findAppRoot(options.root), options.npmDir)
  const config = readAppConfig(files)
  const entries = readComponentGraph(files, config)
  const scriptOf = new Map([...entries.keys()].map((path) => [path, findScript(files, path)]))
  const appModule = findScript(files, 'app')
  const scripts = await compileScripts(files, [appModule, ...scriptOf.values()])
  const templates = compileTemplates(files, entries.keys())
  const bundle: Omit<AppBundle, 'modules' | 'templates'> = {
    pages: config.pages,
    hasDarkMode: config.hasDarkMode,
    hasNewStyle: config.hasNewStyle,
    tabBar: config.tabBar,
    style: files.has('app.wxss') ? compileWxss(files, 'app.wxss', 'bare') : '',
    entries: toRecords(files, entries, scriptOf),
    appModule: `/${appModule}`,
  }
  const runtime = await bundleRuntime()
  const { code, warnings } = templates
  await emitApp(options.outDir, { bundle, scripts: scripts.values(), templates: code, runtime, appRoot: files.root })
  return {
    outDir: options.outDir,
    appRoot: files.root,
    pages: config.pages,
    components: [...entries.values()].filter((entry) => entry.kind === 'component').map((entry) => entry.path),
    modules: [...scripts.keys()],
    warnings,
  }
}

function toRecords(
  files: AppFiles,
  entries: ReadonlyMap<AppPath, Entry>,
  scriptOf: ReadonlyMap<AppPath, AppPath>,
): Record<string, EntryRecord> {
  const records: Record<string, EntryRecord> = {}
  for (const [path, { kind, config, window }] of entries) {
    const wxss = `${path}.wxss`
    records[path] = {
      kind,
      config,
      window,
      module: `/${scriptOf.get(path) ?? ''}`,
      style: files.has(wxss) ? compileWxss(files, wxss, 'marked') : '',
      components: componentsBelow(entries, path),
    }
  }
  return records
}
