import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import type { Fault, Rule } from './fault.ts'
import { isObject, objectAt, parseJson, textAt, textsAt, type JsonObject } from './json-value.ts'

/** A page or a component: the files `<stem>.wxml`, `.wxss`, `.json` and `.ts` or `.js`. */
export interface Unit {
  /** Without extension, relative to the mini-program's root: `pages/chat/chat`. */
  readonly stem: string
  readonly kind: 'page' | 'component'
  readonly config: JsonObject
  /** tag → stem of the component that answers it; app.json's own included. */
  readonly components: ReadonlyMap<string, string>
}

/** A mini-program on disk, with everything reachable from app.json. */
export interface Project {
  /** Absolute path of the folder that has app.json. */
  readonly root: string
  readonly app: JsonObject
  readonly pages: readonly string[]
  readonly subpackageRoots: readonly string[]
  readonly units: ReadonlyMap<string, Unit>
  /** What was wrong while reading. */
  readonly faults: readonly Fault[]
}

/** Components and scripts of npm packages: not the author's, so only what breaks at run time is told. */
export function isFromNpm(path: string): boolean {
  return path.split('/').includes('miniprogram_npm')
}

/** Reads `projectDir`, which has project.config.json or app.json itself. Throws when there is no app.json. */
export function readProject(projectDir: string): Project {
  const root = miniprogramRoot(projectDir)
  if (!existsSync(join(root, 'app.json'))) throw new Error(`no app.json in ${root}`)
  return new ProjectReader(root).read()
}

/** `stem` of the script of a unit, with its extension; undefined when there is none. */
export function scriptOf(root: string, stem: string): string | undefined {
  return [`${stem}.ts`, `${stem}.js`].find((file) => isFile(join(root, file)))
}

/** Where a bare path like `tdesign-miniprogram/button/button` lies: the nearest miniprogram_npm upwards. */
export function npmCandidates(fromDir: string, path: string): readonly string[] {
  const candidates: string[] = []
  for (let dir = fromDir; ; dir = posix.dirname(dir)) {
    candidates.push(posix.join(dir, 'miniprogram_npm', path))
    if (dir === '.' || dir === '/') return candidates
  }
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** All files below `dir`, relative to it, with `/`. */
export function filesBelow(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .sort((a, b) => a.localeCompare(b))
}

function miniprogramRoot(projectDir: string): string {
  const config = join(projectDir, 'project.config.json')
  if (!existsSync(config)) return projectDir
  const parsed = parseJson(readFileSync(config, 'utf8'))
  return join(projectDir, (isObject(parsed) && textAt(parsed, 'miniprogramRoot')) || '')
}

class ProjectReader {
  readonly #root: string
  readonly #faults: Fault[] = []
  readonly #units = new Map<string, Unit>()

  constructor(root: string) {
    this.#root = root.replace(/\/$/, '')
  }

  read(): Project {
    const app = this.#readJson('app.json') ?? {}
    const subpackages = this.#subpackages(app)
    const pages = [...textsAt(app, 'pages'), ...subpackages.flatMap((each) => each.pages)]
    const shared = this.#resolveAll('app.json', objectAt(app, 'usingComponents'))
    for (const page of pages) this.#visit(page, 'page', shared)
    for (const stem of shared.values()) this.#visit(stem, 'component', shared)
    return {
      root: this.#root,
      app,
      pages,
      subpackageRoots: subpackages.map((each) => each.root),
      units: this.#units,
      faults: this.#faults,
    }
  }

  #subpackages(app: JsonObject): readonly { root: string; pages: readonly string[] }[] {
    const declared = app['subPackages'] ?? app['subpackages']
    if (!Array.isArray(declared)) return []
    return (declared as readonly (JsonObject | undefined)[]).filter(isObject).map((each) => {
      const root = (textAt(each, 'root') ?? '').replace(/\/$/, '')
      return { root, pages: textsAt(each, 'pages').map((page) => posix.join(root, page)) }
    })
  }

  #visit(stem: string, kind: Unit['kind'], shared: ReadonlyMap<string, string>): void {
    if (this.#units.has(stem)) return
    const config = isFile(join(this.#root, `${stem}.json`)) ? (this.#readJson(`${stem}.json`) ?? {}) : {}
    const own = this.#resolveAll(`${stem}.json`, objectAt(config, 'usingComponents'))
    this.#units.set(stem, { stem, kind, config, components: new Map([...shared, ...own]) })
    this.#checkFiles(stem, kind, config)
    for (const child of own.values()) this.#visit(child, 'component', shared)
  }

  #checkFiles(stem: string, kind: Unit['kind'], config: JsonObject): void {
    if (!isFile(join(this.#root, `${stem}.wxml`))) this.#fault('page-files', `${stem}.wxml`, 'file is missing')
    if (scriptOf(this.#root, stem) === undefined) this.#fault('page-files', `${stem}.ts`, 'script is missing')
    if (kind === 'component' && config['component'] !== true)
      this.#fault('page-files', `${stem}.json`, 'a component\'s json must say "component": true')
  }

  #resolveAll(file: string, using: JsonObject): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const [tag, path] of Object.entries(using)) {
      const stem = typeof path === 'string' ? this.#resolve(dirname(file), path) : undefined
      if (stem === undefined)
        this.#fault('component-path', file, `usingComponents: no component at ${tag}: ${JSON.stringify(path)}`)
      else found.set(tag, stem)
    }
    return found
  }

  #resolve(fromDir: string, path: string): string | undefined {
    if (path.startsWith('/')) return this.#existing([path.slice(1)])
    const relative = posix.join(fromDir, path)
    if (path.startsWith('.')) return this.#existing([relative])
    return this.#existing([relative, ...npmCandidates(fromDir, path)])
  }

  #existing(stems: readonly string[]): string | undefined {
    const all = stems.flatMap((stem) => [stem, `${stem}/index`])
    return all.find((stem) => isFile(join(this.#root, `${stem}.json`)) || isFile(join(this.#root, `${stem}.wxml`)))
  }

  #readJson(file: string): JsonObject | undefined {
    try {
      const value = parseJson(readFileSync(join(this.#root, file), 'utf8'))
      if (isObject(value)) return value
      this.#fault('app-json', file, 'must be an object')
    } catch (error) {
      this.#fault('app-json', file, error instanceof Error ? error.message : String(error))
    }
    return undefined
  }

  #fault(rule: Rule, file: string, text: string): void {
    this.#faults.push({ rule, file, line: 0, text })
  }
}
