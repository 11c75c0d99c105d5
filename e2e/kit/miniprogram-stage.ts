import { cpSync, existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { rolldown } from 'rolldown'

// A mini-program's scripts as WeChat's logic layer runs them: CommonJS with wx, App and Page, and no page or Node around.

/** A page that was opened; its methods and data by their names. */
export type OpenPage = Record<string, unknown> & { readonly data: Record<string, unknown> }

export interface MiniprogramStage {
  launch(): void
  open(page: string, query: Readonly<Record<string, string>>): OpenPage
}

interface Project {
  readonly miniprogramRoot: string
  readonly setting: {
    readonly packNpmRelationList: readonly {
      readonly packageJsonPath: string
      readonly miniprogramNpmDistDir: string
    }[]
  }
}

/** 构建 npm: the folders that packages have for mini-programs, to where project.config.json says. */
export function buildMiniprogramNpm(folder: string): void {
  const project = readJson(join(folder, 'project.config.json')) as Project
  for (const { packageJsonPath, miniprogramNpmDistDir } of project.setting.packNpmRelationList) {
    const { dependencies } = readJson(join(folder, packageJsonPath)) as { dependencies: Record<string, string> }
    const home = dirname(join(folder, packageJsonPath))
    for (const name of Object.keys(dependencies)) {
      const installed = join(home, 'node_modules', name)
      const { miniprogram } = readJson(join(installed, 'package.json')) as { miniprogram: string }
      cpSync(join(installed, miniprogram), join(folder, miniprogramNpmDistDir, 'miniprogram_npm', name), {
        recursive: true,
      })
    }
  }
}

/** Compiles the scripts and loads app.ts and these pages. `wx` is the only thing of WeChat's that they get. */
export async function stageMiniprogram(
  folder: string,
  pages: readonly string[],
  wx: object,
): Promise<MiniprogramStage> {
  const root = join(folder, (readJson(join(folder, 'project.config.json')) as Project).miniprogramRoot)
  const texts = await compile(root, ['app', ...pages])
  const apps: OpenPage[] = []
  const definitions: OpenPage[] = []
  const context = createContext({
    ...{ wx, console, setTimeout, clearTimeout, setInterval, clearInterval },
    App: (app: OpenPage) => apps.push(app),
    Page: (page: OpenPage) => definitions.push(page),
  })
  const modules = new Map<string, { exports: unknown }>()
  function load(path: string): unknown {
    const known = modules.get(path)
    if (known) return known.exports
    const text = texts.get(path) ?? (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
    if (text === undefined) throw new Error(`no module ${path}`)
    const module = { exports: {} as unknown }
    modules.set(path, module)
    const require = (id: string): unknown =>
      load(id.startsWith('.') ? resolve(dirname(path), id) : join(root, 'miniprogram_npm', id, 'index.js'))
    const wrapped = runInContext(`(function (module, exports, require) {${text}\n})`, context, { filename: path }) as (
      ...names: unknown[]
    ) => void
    wrapped(module, module.exports, require)
    return module.exports
  }
  load(join(root, 'app.js'))
  return {
    launch() {
      const [app] = apps
      if (!app) throw new Error('app.ts calls no App()')
      ;(app['onLaunch'] as () => void).call(app)
    },
    open(page, query) {
      definitions.length = 0
      modules.delete(join(root, `${page}.js`))
      load(join(root, `${page}.js`))
      const [definition] = definitions
      if (!definition) throw new Error(`${page} calls no Page()`)
      const opened: OpenPage = { ...definition, data: structuredClone(definition.data), setData }
      ;(opened['onLoad'] as (query: object) => void).call(opened, query)
      return opened
    },
  }
}

/** What goes to the view is JSON. */
function setData(this: OpenPage, part: Record<string, unknown>): void {
  Object.assign(this.data, JSON.parse(JSON.stringify(part)))
}

async function compile(root: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const bundle = await rolldown({
    input: Object.fromEntries(names.map((name) => [name, join(root, `${name}.ts`)])),
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
    platform: 'neutral',
  })
  const { output } = await bundle.generate({
    format: 'cjs',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[hash].js',
  })
  await bundle.close()
  return new Map(output.flatMap((one) => (one.type === 'chunk' ? [[join(root, one.fileName), one.code] as const] : [])))
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
