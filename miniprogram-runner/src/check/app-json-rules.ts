import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from './fault.ts'
import { isObject, listAt, objectAt, parseJson, textAt, type JsonObject } from './json-value.ts'
import { isFile, type Project } from './project.ts'

const MAX_TAB_ICON_BYTES = 40 * 1024

/** What app.json refers to: tab pages, tab icons, sitemap, entry page. (Pages and components: readProject.) */
export function checkAppJson(project: Project): readonly Fault[] {
  const faults: Fault[] = []
  const say = (text: string): number => faults.push({ rule: 'app-json', file: 'app.json', line: 0, text })
  if (project.pages.length === 0) say('pages is empty')
  if (new Set(project.pages).size < project.pages.length) say('pages has a path twice')
  const entry = textAt(project.app, 'entryPagePath')
  if (entry !== undefined && !project.pages.includes(entry)) say(`entryPagePath ${entry} is not in pages`)
  const sitemap = textAt(project.app, 'sitemapLocation')
  if (sitemap !== undefined && !isFile(join(project.root, sitemap))) say(`sitemapLocation: no file ${sitemap}`)
  const themes = readThemes(project, say)
  for (const name of themeNames(project.app)) {
    for (const [theme, variables] of Object.entries(themes))
      if (textAt(variables, name) === undefined) say(`@${name} is not in the ${theme} part of the theme file`)
  }
  if (project.app['tabBar'] !== undefined) checkTabBar(project, objectAt(project.app, 'tabBar'), themes, say)
  return faults
}

type Themes = Readonly<Record<'light' | 'dark', JsonObject>>

/** The variables of themeLocation, which `@name` in app.json means. */
function readThemes(project: Project, say: (text: string) => void): Themes {
  const none = { light: {}, dark: {} }
  const location = textAt(project.app, 'themeLocation')
  if (location === undefined) return none
  if (!isFile(join(project.root, location))) {
    say(`themeLocation: no file ${location}`)
    return none
  }
  const parsed = parseJson(readFileSync(join(project.root, location), 'utf8'))
  return isObject(parsed) ? { light: objectAt(parsed, 'light'), dark: objectAt(parsed, 'dark') } : none
}

function themeNames(app: JsonObject): ReadonlySet<string> {
  const text = JSON.stringify([app['window'], app['tabBar']])
  return new Set([...text.matchAll(/"@(\w+)"/g)].map((match) => match[1] ?? ''))
}

function checkTabBar(project: Project, tabBar: JsonObject, themes: Themes, say: (text: string) => void): void {
  const items = listAt(tabBar, 'list')
  if (items.length < 2 || items.length > 5) say(`tabBar.list has ${items.length} items, 2 to 5 are allowed`)
  for (const item of items) {
    if (!isObject(item)) continue
    const path = textAt(item, 'pagePath') ?? ''
    if (!project.pages.includes(path)) say(`tabBar: ${path} is not in pages`)
    if (textAt(item, 'text') === undefined) say(`tabBar: ${path} has no text`)
    for (const key of ['iconPath', 'selectedIconPath'])
      for (const icon of iconsOf(textAt(item, key), themes)) checkIcon(project.root, icon, say)
  }
}

function iconsOf(icon: string | undefined, themes: Themes): readonly string[] {
  if (icon === undefined) return []
  if (!icon.startsWith('@')) return [icon]
  return Object.values(themes).flatMap((variables) => textAt(variables, icon.slice(1)) ?? [])
}

function checkIcon(root: string, icon: string, say: (text: string) => void): void {
  const file = join(root, icon)
  if (!isFile(file)) say(`tabBar: no file ${icon}`)
  else if (!/\.(png|jpe?g)$/i.test(icon)) say(`tabBar: ${icon} must be png or jpg`)
  else if (statSync(file).size > MAX_TAB_ICON_BYTES) say(`tabBar: ${icon} is larger than 40 KB`)
}
