import type { CodeSpace, ComponentEnv, types } from 'glass-easel-miniprogram-adapter'
import type { AppBundle, EntryRecord } from './app-bundle.ts'
import type { Reporter } from './host.ts'
import type { StyleSheets } from './styles.ts'
import type { WxBehaviors } from './wx-behaviors.ts'

/** A definition as programs write it; what is read here has been looked at, the rest goes to the framework as it is. */
type Definition = Record<string, unknown>
type Isolation = NonNullable<types.ComponentStaticConfig['styleIsolation']>
type Definer = (definition: unknown) => unknown

export interface Definers {
  readonly Page: Definer
  readonly Component: Definer
  readonly Behavior: Definer
}

/**
 * Page(), Component() and Behavior() of the program. They act on the page or component whose file is being loaded, for
 * a library may call Component() from a shared module.
 */
export class DefinitionSpace {
  private readonly space: CodeSpace
  private readonly bundle: AppBundle
  private readonly styles: StyleSheets
  private readonly behaviors: WxBehaviors
  private readonly report: Reporter
  private readonly loading: string[] = []
  private readonly defined = new Map<string, 'page' | 'component'>()

  constructor(space: CodeSpace, bundle: AppBundle, styles: StyleSheets, behaviors: WxBehaviors, report: Reporter) {
    this.space = space
    this.bundle = bundle
    this.styles = styles
    this.behaviors = behaviors
    this.report = report
    this.registerTemplates()
  }

  readonly definers: Definers = {
    Page: (definition) => this.define('page', definition),
    Component: (definition) => (definition === undefined ? this.builder() : this.define('component', definition)),
    Behavior: (definition) =>
      callDefiner(this.environment('').Behavior, definition === undefined ? undefined : this.prepare(definition)),
  }

  /** Runs the file of a page or component: what it defines becomes `path`. */
  load(path: string, run: () => void): void {
    this.loading.push(path)
    try {
      run()
    } finally {
      this.loading.pop()
    }
  }

  /** How the page or component was defined; undefined: its file has not called Page() or Component(). */
  definedAs(path: string): 'page' | 'component' | undefined {
    return this.defined.get(path)
  }

  private define(kind: 'page' | 'component', given: unknown): unknown {
    const path = this.loading.at(-1)
    const entry = path === undefined ? undefined : this.bundle.entries[path]
    if (path === undefined || entry === undefined)
      throw new Error(`${kind} is defined outside of a page or component file`)
    const definition = this.prepare(given)
    this.applyIsolation(path, entry, definition)
    this.defined.set(path, kind)
    const environment = this.environment(path)
    return callDefiner(kind === 'page' ? environment.Page : environment.Component, definition)
  }

  private builder(): unknown {
    const path = this.loading.at(-1) ?? ''
    this.defined.set(path, 'component')
    return this.space.component(path)
  }

  private environment(path: string): ComponentEnv {
    return this.space.componentEnv(path, (environment) => environment)
  }

  /** wx:// behaviors are written as strings, which the framework does not know. */
  private prepare(given: unknown): Definition {
    const definition: Definition = { ...(given as Definition) }
    const behaviors = definition['behaviors']
    if (Array.isArray(behaviors)) {
      definition['behaviors'] = behaviors.flatMap((each: unknown) => this.behaviorOf(each))
    }
    return definition
  }

  private behaviorOf(each: unknown): readonly unknown[] {
    if (typeof each !== 'string') return each === undefined || each === null ? [] : [each]
    const behavior = this.behaviors.find(each)
    if (behavior === undefined) this.report.warn(`unknown behavior "${each}"`)
    return behavior === undefined ? [] : [behavior]
  }

  /** styleIsolation may stand in the JSON or in `options`; the framework reads the JSON only. */
  private applyIsolation(path: string, entry: EntryRecord, definition: Definition): void {
    const options = (definition['options'] ?? {}) as { styleIsolation?: Isolation; addGlobalClass?: boolean }
    const { config } = entry
    const wish = options.styleIsolation ?? config.styleIsolation
    if (entry.kind === 'page') {
      this.styles.addPage(path, entry.style, wish?.endsWith('isolated') === true ? 'withoutApp' : 'withApp')
      return
    }
    const takesGlobal = options.addGlobalClass === true || config.addGlobalClass === true
    const isolation = wish ?? (takesGlobal ? ISOLATION.applyShared : ISOLATION.isolated)
    const isShared = isolation.endsWith('shared') && !isolation.endsWith('apply-shared')
    // A shared component keeps a scope of its own, for :host; its style sheet stands bare as well.
    const kept = isShared ? ISOLATION.applyShared : isolation
    this.space.addComponentStaticConfig(path, { ...config, styleIsolation: kept })
    this.styles.addComponent(path, entry.style, { prefix: scopeName(path), isShared })
  }

  private registerTemplates(): void {
    for (const [path, entry] of Object.entries(this.bundle.entries)) {
      // A page shares its style, whether Page() or Component() makes it: its sheet is on only while it is in front.
      const config = entry.kind === 'page' ? { ...entry.config, styleIsolation: ISOLATION.shared } : entry.config
      this.space.addComponentStaticConfig(path, config)
      // No address: the runtime puts style sheets into the document itself.
      this.space.addStyleSheet(path, undefined, scopeName(path))
    }
  }
}

/** Values of the framework's const enum, which single-file compilers cannot read. */
const ISOLATION = {
  applyShared: 'apply-shared' as Isolation,
  isolated: 'isolated' as Isolation,
  shared: 'shared' as Isolation,
}

/** A class prefix that is legal in CSS and tells a reader of the DOM whose class it is. */
export function scopeName(path: string): string {
  return path.replace(/^miniprogram_npm\//, '').replaceAll(/[^\w]+/g, '-')
}

function callDefiner(definer: unknown, definition: unknown): unknown {
  if (typeof definer !== 'function') throw new Error('the framework has no such definer')
  return definition === undefined
    ? Reflect.apply(definer, undefined, [])
    : Reflect.apply(definer, undefined, [definition])
}
