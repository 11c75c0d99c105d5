import type { AppBundle, ModuleRecord } from './app-bundle.ts'
import type { DefinitionSpace } from './definitions.ts'
import { SCOPE_NAMES, SHADOWED_NAMES } from './sandbox-names.ts'

/** The values of SCOPE_NAMES. */
export type ModuleScope = Readonly<Record<(typeof SCOPE_NAMES)[number], unknown>>

/** CommonJS for the program's modules, each called with WeChat's names and without the browser's. */
export class ModuleLoader {
  private readonly bundle: AppBundle
  private readonly definitions: DefinitionSpace
  private readonly outer: readonly unknown[]
  private readonly loaded = new Map<string, { exports: unknown }>()
  /** Pages and components by the id of their module. */
  private readonly entryOf: ReadonlyMap<string, string>

  constructor(bundle: AppBundle, definitions: DefinitionSpace, scope: ModuleScope) {
    this.bundle = bundle
    this.definitions = definitions
    this.outer = [...SCOPE_NAMES.map((name) => scope[name]), ...SHADOWED_NAMES.map(() => undefined)]
    this.entryOf = new Map(Object.entries(bundle.entries).map(([path, entry]) => [entry.module, path]))
  }

  /** The module's exports; it runs the first time only. */
  load(id: string): unknown {
    const known = this.loaded.get(id)
    if (known !== undefined) return known.exports
    const record = this.bundle.modules[id]
    if (record === undefined) throw new Error(`module "${id}" is not defined`)
    const module: { exports: unknown } = { exports: {} }
    this.loaded.set(id, module)
    const entry = this.entryOf.get(id)
    try {
      if (entry === undefined) this.run(id, record, module)
      else this.definitions.load(entry, () => this.run(id, record, module))
    } catch (err) {
      this.loaded.delete(id)
      throw err
    }
    return module.exports
  }

  /** Runs the file of a page or component after those of the components it uses. */
  loadEntry(path: string): void {
    const entry = this.bundle.entries[path]
    if (entry === undefined) throw new Error(`"${path}" is not a page or component of the program`)
    for (const component of entry.components) this.load(this.bundle.entries[component]?.module ?? component)
    this.load(entry.module)
    if (this.definitions.definedAs(path) === undefined)
      throw new Error(`${entry.module} calls neither Page() nor Component()`)
  }

  private run(id: string, record: ModuleRecord, module: { exports: unknown }): void {
    const require = (specifier: string): unknown => {
      const target = record.requires[specifier]
      if (target === undefined)
        throw new Error(`module "${specifier}" is not defined, require args is "${specifier}" in ${id}`)
      return this.load(target)
    }
    Reflect.apply(record.load(...this.outer), module.exports, [require, module, module.exports])
  }
}
