import type { types } from 'glass-easel-miniprogram-adapter'
import type { ByTheme, WindowConfig } from '../runtime/app-bundle.ts'
import { mergeWindow, type AppConfig } from './app-config.ts'
import type { AppFiles, AppPath } from './app-files.ts'
import { CompileError } from './compile-error.ts'
import { objectOf, textOf, textsOf, type JsonObject } from './json.ts'

/** A page or component: four files of one name. */
export interface Entry {
  readonly path: AppPath
  readonly kind: 'page' | 'component'
  /** The component's static configuration, with absolute paths. */
  readonly config: types.ComponentStaticConfig
  readonly window: ByTheme<WindowConfig>
  /** Paths of the components that it uses directly. */
  readonly uses: readonly AppPath[]
}

/**
 * The pages of app.json and every component that they reach.
 * @throws CompileError when a page's or component's files are missing.
 */
export function readComponentGraph(files: AppFiles, app: AppConfig): ReadonlyMap<AppPath, Entry> {
  const entries = new Map<AppPath, Entry>()
  const queue: AppPath[] = [...app.pages]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (entries.has(path)) continue
    const entry = readEntry(files, app, path)
    entries.set(path, entry)
    queue.push(...entry.uses)
  }
  return entries
}

/** Every component below a page or component, each after those it uses; cycles are cut where they close. */
export function componentsBelow(entries: ReadonlyMap<AppPath, Entry>, path: AppPath): readonly AppPath[] {
  const order: AppPath[] = []
  const seen = new Set<AppPath>([path])
  const visit = (each: AppPath): void => {
    for (const used of entries.get(each)?.uses ?? []) {
      if (seen.has(used)) continue
      seen.add(used)
      visit(used)
      order.push(used)
    }
  }
  visit(path)
  return order
}

function readEntry(files: AppFiles, app: AppConfig, path: AppPath): Entry {
  const isPage = app.pages.includes(path)
  const jsonPath = `${path}.json`
  const json = files.has(jsonPath) ? files.readJson(jsonPath) : {}
  if (!isPage && json['component'] !== true) throw new CompileError(jsonPath, undefined, 'needs "component": true')
  const usingComponents = resolveAll(files, path, {
    // app.json's are for every page and component; a name of their own wins.
    ...(path.startsWith('miniprogram_npm/') ? {} : fromRoot(app.usingComponents)),
    ...textsOf(json['usingComponents']),
  })
  const generics = readGenerics(files, path, json)
  const uses = [...Object.values(usingComponents), ...generics.defaults].map((each) => each.slice(1))
  return {
    path,
    kind: isPage ? 'page' : 'component',
    config: {
      ...(json['component'] === true && { component: true }),
      usingComponents,
      componentGenerics: generics.config,
      componentPlaceholder: textsOf(json['componentPlaceholder']),
      ...isolationOf(json),
      ...(textOf(json['pureDataPattern']) !== undefined && { pureDataPattern: textOf(json['pureDataPattern']) ?? '' }),
    },
    window: mergeWindow(app, json),
    uses: [...new Set(uses)].filter((used) => used !== path),
  }
}

function isolationOf(json: JsonObject): Pick<types.ComponentStaticConfig, 'styleIsolation' | 'addGlobalClass'> {
  type Isolation = NonNullable<types.ComponentStaticConfig['styleIsolation']>
  const wish = textOf(json['styleIsolation'])
  return {
    // One of WeChat's words; the runtime reads nothing else from it.
    ...(wish !== undefined && { styleIsolation: wish as Isolation }),
    ...(json['addGlobalClass'] === true && { addGlobalClass: true }),
  }
}

function readGenerics(
  files: AppFiles,
  path: AppPath,
  json: JsonObject,
): {
  readonly config: NonNullable<types.ComponentStaticConfig['componentGenerics']>
  readonly defaults: readonly string[]
} {
  const config: NonNullable<types.ComponentStaticConfig['componentGenerics']> = {}
  const defaults: string[] = []
  for (const [name, value] of Object.entries(objectOf(json['componentGenerics']))) {
    const written = textOf(objectOf(value)['default'])
    const target = written === undefined ? undefined : resolveComponent(files, path, written)
    config[name] = target === undefined ? true : { default: target }
    if (target !== undefined) defaults.push(target)
  }
  return { config, defaults }
}

function resolveAll(files: AppFiles, from: AppPath, using: Readonly<Record<string, string>>): Record<string, string> {
  const resolved: Record<string, string> = {}
  for (const [name, written] of Object.entries(using)) {
    const target = resolveComponent(files, from, written)
    if (target !== undefined) resolved[name] = target
  }
  return resolved
}

/** `/components/card/card`, `./row`, `tdesign-miniprogram/button/button` → an absolute path; plugins are not run. */
function resolveComponent(files: AppFiles, from: AppPath, written: string): string | undefined {
  if (/^(plugin|dynamicLib|weixin):/.test(written)) return undefined
  const isLocal = written.startsWith('.') || written.startsWith('/')
  // Devtools accepts `components/row` for `./components/row` as well, after npm.
  const candidates = isLocal
    ? [files.join(from, written)]
    : [...files.npmCandidates(from, written), files.join(from, written)]
  for (const candidate of candidates) {
    if (isComponent(files, candidate)) return `/${candidate}`
    if (isComponent(files, `${candidate}/index`)) return `/${candidate}/index`
  }
  throw new CompileError(`${from}.json`, undefined, `component "${written}" is not found`)
}

function isComponent(files: AppFiles, path: AppPath): boolean {
  return (
    files.has(`${path}.wxml`) || (files.has(`${path}.json`) && (files.has(`${path}.js`) || files.has(`${path}.ts`)))
  )
}

/** Relative paths in app.json start at the root. */
function fromRoot(using: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(using)
  return Object.fromEntries(
    entries.map(([name, path]) => [name, path.startsWith('.') ? path.replace(/^(\.\/)+/, '/') : path]),
  )
}
