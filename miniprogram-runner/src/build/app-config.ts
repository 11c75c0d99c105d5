import type { ByTheme, TabBarConfig, TabItem, WindowConfig } from '../runtime/app-bundle.ts'
import type { AppFiles, AppPath } from './app-files.ts'
import { CompileError } from './compile-error.ts'
import { isJsonObject, listOf, objectOf, textOf, textsOf, type JsonObject } from './json.ts'

/** app.json as the compiler needs it. */
export interface AppConfig {
  readonly pages: readonly AppPath[]
  readonly hasDarkMode: boolean
  readonly hasNewStyle: boolean
  readonly window: JsonObject
  readonly tabBar: ByTheme<TabBarConfig> | undefined
  /** What stands for `@name` in window and tabBar. */
  readonly themes: ByTheme<JsonObject>
  readonly usingComponents: Readonly<Record<string, string>>
}

/** @throws CompileError when app.json is missing, malformed or names no page. */
export function readAppConfig(files: AppFiles): AppConfig {
  const json = files.readJson('app.json')
  const pages = [...listOf(json['pages']).flatMap(toTexts), ...subPackagePages(json)]
  if (pages.length === 0) throw new CompileError('app.json', undefined, 'has no pages')
  const themes = readThemes(files, json)
  const tabBar = json['tabBar']
  return {
    pages: [...new Set(pages)],
    hasDarkMode: json['darkmode'] === true,
    hasNewStyle: json['style'] === 'v2',
    window: objectOf(json['window']),
    tabBar: isJsonObject(tabBar) ? byTheme(themes, (theme) => readTabBar(tabBar, pages, theme)) : undefined,
    themes,
    usingComponents: textsOf(json['usingComponents']),
  }
}

/** The window of a page: its own JSON over app.json's window over WeChat's defaults. */
export function mergeWindow(app: AppConfig, page: JsonObject): ByTheme<WindowConfig> {
  return byTheme(app.themes, (theme) => readWindow(fillIn({ ...app.window, ...page }, theme)))
}

function readWindow(merged: JsonObject): WindowConfig {
  return {
    navigationBarTitleText: textOf(merged['navigationBarTitleText']) ?? '',
    navigationBarBackgroundColor: textOf(merged['navigationBarBackgroundColor']) ?? '#000000',
    navigationBarTextStyle: merged['navigationBarTextStyle'] === 'black' ? 'black' : 'white',
    navigationStyle: merged['navigationStyle'] === 'custom' ? 'custom' : 'default',
    backgroundColor: textOf(merged['backgroundColor']) ?? '#ffffff',
    backgroundTextStyle: merged['backgroundTextStyle'] === 'light' ? 'light' : 'dark',
    enablePullDownRefresh: merged['enablePullDownRefresh'] === true,
    onReachBottomDistance: typeof merged['onReachBottomDistance'] === 'number' ? merged['onReachBottomDistance'] : 50,
    disableScroll: merged['disableScroll'] === true,
  }
}

function subPackagePages(json: JsonObject): readonly AppPath[] {
  const packages = [...listOf(json['subPackages']), ...listOf(json['subpackages'])].filter(isJsonObject)
  return packages.flatMap((each) => {
    const root = (textOf(each['root']) ?? '').replace(/\/+$/, '')
    return listOf(each['pages'])
      .flatMap(toTexts)
      .map((page) => `${root}/${page}`)
  })
}

/** Themes exist where app.json says "darkmode"; their values stand in the file that it names. */
function readThemes(files: AppFiles, json: JsonObject): ByTheme<JsonObject> {
  const file = textOf(json['themeLocation'])
  const themes = file === undefined ? {} : files.readJson(files.join('app.json', file))
  const light = objectOf(themes['light'])
  return { light, dark: json['darkmode'] === true ? objectOf(themes['dark']) : light }
}

function byTheme<T>(themes: ByTheme<JsonObject>, make: (theme: JsonObject) => T): ByTheme<T> {
  return { light: make(themes.light), dark: make(themes.dark) }
}

/** `@name` becomes the theme's value. */
function fillIn(json: JsonObject, theme: JsonObject): JsonObject {
  const entries = Object.entries(json)
  return Object.fromEntries(entries.map(([name, value]) => [name, fillInValue(value, theme)]))
}

function fillInValue(value: unknown, theme: JsonObject): unknown {
  return typeof value === 'string' && value.startsWith('@') ? (theme[value.slice(1)] ?? value) : value
}

function readTabBar(written: JsonObject, pages: readonly AppPath[], theme: JsonObject): TabBarConfig {
  const value = fillIn(written, theme)
  if (value['custom'] === true)
    throw new CompileError('app.json', undefined, 'a custom tabBar is not supported by the runner')
  const items = listOf(value['list'])
    .filter(isJsonObject)
    .map((item) => toTabItem(fillIn(item, theme)))
  if (items.length < 2 || items.length > 5)
    throw new CompileError('app.json', undefined, 'tabBar.list needs 2 to 5 items')
  const missing = items.find((item) => !pages.includes(item.pagePath))
  if (missing !== undefined) {
    throw new CompileError('app.json', undefined, `tabBar page "${missing.pagePath}" is not among the pages`)
  }
  return {
    color: textOf(value['color']) ?? '#7a7e83',
    selectedColor: textOf(value['selectedColor']) ?? '#3cc51f',
    backgroundColor: textOf(value['backgroundColor']) ?? '#ffffff',
    borderStyle: value['borderStyle'] === 'white' ? 'white' : 'black',
    items,
  }
}

function toTabItem(item: JsonObject): TabItem {
  return {
    pagePath: textOf(item['pagePath']) ?? '',
    text: textOf(item['text']) ?? '',
    iconPath: textOf(item['iconPath']),
    selectedIconPath: textOf(item['selectedIconPath']),
  }
}

function toTexts(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value.replace(/^\/+/, '')] : []
}
