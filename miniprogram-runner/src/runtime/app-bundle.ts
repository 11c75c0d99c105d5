import type { types } from 'glass-easel-miniprogram-adapter'
import type { template } from 'glass-easel'

/** What the build writes into app.js and the runtime boots from (`globalThis.__miniprogramApp`). */
export interface AppBundle {
  readonly pages: readonly string[]
  readonly hasDarkMode: boolean
  /** `"style": "v2"`: the newer look of the builtin components. */
  readonly hasNewStyle: boolean
  readonly tabBar: ByTheme<TabBarConfig> | undefined
  /** app.wxss as CSS. */
  readonly style: string
  /** Pages and components by path, without extension and leading slash. */
  readonly entries: Readonly<Record<string, EntryRecord>>
  /** Script modules by id: path with extension and leading slash. */
  readonly modules: Readonly<Record<string, ModuleRecord>>
  readonly appModule: string
  readonly templates: (hooks: unknown, ...wxsGlobals: readonly unknown[]) => Readonly<Record<string, TemplateGroup>>
}

export type TemplateGroup = template.ComponentTemplate['content']

export interface EntryRecord {
  readonly kind: 'page' | 'component'
  readonly config: types.ComponentStaticConfig
  /** The page's window: app.json's merged with its own; components have app.json's. */
  readonly window: ByTheme<WindowConfig>
  readonly module: string
  /** CSS whose class names carry SCOPE_MARK. */
  readonly style: string
  /** Every component below, each after those it uses. */
  readonly components: readonly string[]
}

/** Both themes are alike in a program that does not say "darkmode". */
export type ByTheme<T> = Readonly<Record<Theme, T>>

export type Theme = 'light' | 'dark'

/** `.title` of a component stands in CSS as `.${SCOPE_MARK}title`; the runtime puts the component's prefix or nothing. */
export const SCOPE_MARK = '__scope__'

export interface ModuleRecord {
  /** Module ids by the specifier that the code writes. */
  readonly requires: Readonly<Record<string, string>>
  /** Takes the values of SCOPE_NAMES, then undefined for every shadowed name. */
  readonly load: (...outer: readonly unknown[]) => ModuleBody
}

export type ModuleBody = (
  require: (specifier: string) => unknown,
  module: { exports: unknown },
  exports: unknown,
) => void

export interface WindowConfig {
  readonly navigationBarTitleText: string
  readonly navigationBarBackgroundColor: string
  readonly navigationBarTextStyle: 'black' | 'white'
  readonly navigationStyle: 'default' | 'custom'
  readonly backgroundColor: string
  readonly backgroundTextStyle: 'dark' | 'light'
  readonly enablePullDownRefresh: boolean
  readonly onReachBottomDistance: number
  readonly disableScroll: boolean
}

export interface TabBarConfig {
  readonly color: string
  readonly selectedColor: string
  readonly backgroundColor: string
  readonly borderStyle: 'black' | 'white'
  readonly items: readonly TabItem[]
}

export interface TabItem {
  readonly pagePath: string
  readonly text: string
  readonly iconPath: string | undefined
  readonly selectedIconPath: string | undefined
}
