import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import postcss, { CssSyntaxError, type AtRule, type Declaration, type Root, type Rule as CssRule } from 'postcss'
import selectorParser from 'postcss-selector-parser'
import type { Fault, Rule } from './fault.ts'
import { isFile, isFromNpm, type Project } from './project.ts'

/** The sheets of the app and of every reachable unit, with what they @import; true: used by a component. */
export function sheetsOf(project: Project): ReadonlyMap<string, boolean> {
  const sheets = new Map<string, boolean>()
  const visit = (file: string, isComponents: boolean): void => {
    if (!isFile(join(project.root, file))) return
    const known = sheets.get(file)
    if (known === true || known === isComponents) return
    sheets.set(file, isComponents)
    for (const target of importsOf(file, readFileSync(join(project.root, file), 'utf8'))) visit(target, isComponents)
  }
  visit('app.wxss', false)
  for (const unit of project.units.values()) visit(`${unit.stem}.wxss`, unit.kind === 'component')
  return sheets
}

/** Syntax, imports, addresses and selectors of the author's own sheets. */
export function checkWxss(project: Project): readonly Fault[] {
  return [...sheetsOf(project)].flatMap(([file, isComponents]) => {
    if (isFromNpm(file)) return []
    const source = readFileSync(join(project.root, file), 'utf8')
    const isThere = (path: string): boolean => isFile(join(project.root, path))
    return checkSheet({ file, source, isComponents, isThere })
  })
}

export interface Sheet {
  readonly file: string
  readonly source: string
  readonly isComponents: boolean
  isThere(path: string): boolean
}

export function checkSheet(sheet: Sheet): readonly Fault[] {
  const parsed = parseSheet(sheet)
  if ('rule' in parsed) return [parsed]
  const faults: Fault[] = []
  const say = (rule: Rule, line: number | undefined, text: string): void => {
    faults.push({ rule, file: sheet.file, line: line ?? 0, text })
  }
  parsed.walkAtRules((each) => checkAtRule(sheet, each, say))
  parsed.walkDecls((each) => checkDeclaration(each, say))
  parsed.walkRules((each) => checkSelector(sheet, each, say))
  return faults
}

type Say = (rule: Rule, line: number | undefined, text: string) => void

function parseSheet(sheet: Sheet): Root | Fault {
  try {
    return postcss.parse(sheet.source, { from: sheet.file })
  } catch (error) {
    if (!(error instanceof CssSyntaxError)) throw error
    return { rule: 'wxss-syntax', file: sheet.file, line: error.line ?? 0, text: error.reason }
  }
}

function importsOf(file: string, source: string): readonly string[] {
  return [...source.matchAll(/@import\s+(?:url\()?["']([^"']+)["']/g)].map((match) => resolveFrom(file, match[1] ?? ''))
}

function resolveFrom(file: string, path: string): string {
  return path.startsWith('/') ? path.slice(1) : posix.join(dirname(file), path)
}

function checkAtRule(sheet: Sheet, rule: AtRule, say: Say): void {
  const line = rule.source?.start?.line
  if (rule.name === 'import') {
    const target = resolveFrom(sheet.file, rule.params.replaceAll(/^(url\()?["']|["']\)?$/g, ''))
    if (!sheet.isThere(target)) say('wxss-import', line, `@import: no file ${target}`)
  }
  if (['layer', 'container', 'property', 'scope', 'starting-style', 'view-transition'].includes(rule.name))
    say('wxss-too-new', line, `@${rule.name} is unknown to the WebViews of older phones (Safari 14)`)
}

const TOO_NEW_PROPERTIES = /^(aspect-ratio|accent-color|container(-.*)?|translate|rotate|scale|offset-path|text-wrap)$/
const TOO_NEW_VALUES = /\b(color-mix|oklch|oklab|lab|lch|round|sin|cos)\(|\d(dvh|svh|lvh|dvw|cqw|cqh)\b/

function checkDeclaration(declaration: Declaration, say: Say): void {
  const line = declaration.source?.start?.line
  const { prop, value } = declaration
  for (const match of value.matchAll(/url\(\s*["']?([^"')]+)/g)) {
    const address = match[1] ?? ''
    // WeChat takes no file of the package in WXSS, and a self-hosted product asks nobody else for fonts or pictures.
    if (!address.startsWith('data:')) say('wxss-url', line, `url(${address}): only data: addresses`)
  }
  if (TOO_NEW_PROPERTIES.test(prop)) say('wxss-too-new', line, `${prop} is unknown to Safari 14`)
  if (TOO_NEW_VALUES.test(value)) say('wxss-too-new', line, `${prop}: ${value} is unknown to Safari 14`)
}

const TOO_NEW_PSEUDOS = new Set([':has', ':focus-visible', ':user-valid', ':user-invalid'])

function checkSelector(sheet: Sheet, rule: CssRule, say: Say): void {
  const line = rule.source?.start?.line
  if (isKeyframe(rule)) return
  if (rule.parent?.type === 'rule') say('wxss-too-new', line, 'nested rules are unknown to older WebViews')
  try {
    selectorParser((root) => {
      root.walkPseudos(({ value }) => {
        if (TOO_NEW_PSEUDOS.has(value)) say('wxss-too-new', line, `${value} is unknown to Safari 14`)
      })
      if (!sheet.isComponents) return
      root.walk((node) => {
        const kind = FORBIDDEN_IN_COMPONENTS.get(node.type)
        if (kind !== undefined) say('wxss-component-selector', line, `${rule.selector}: ${kind} in a component's WXSS`)
      })
    }).processSync(rule.selector)
  } catch (error) {
    say('wxss-syntax', line, `${rule.selector}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const FORBIDDEN_IN_COMPONENTS: ReadonlyMap<string, string> = new Map([
  ['tag', 'tag selector'],
  ['id', 'id selector'],
  ['attribute', 'attribute selector'],
  ['universal', 'universal selector'],
])

function isKeyframe(rule: CssRule): boolean {
  return rule.parent?.type === 'atrule' && 'name' in rule.parent && String(rule.parent.name).endsWith('keyframes')
}
