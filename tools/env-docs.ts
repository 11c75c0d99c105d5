import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import { fileVariableOf, OPTION_GROUPS, type Option } from '../server/src/config/option.ts'
import { OPTIONS } from '../server/src/config/options.ts'
import { METRICS_BEGIN, METRICS_END, METRICS_PATH, metricTable } from './metrics-docs.ts'

const BEGIN = '<!-- options:begin (written by npm run env:docs) -->'
const END = '<!-- options:end -->'
const EXAMPLE_WIDTH = 100

type Language = 'en' | 'zh'

/** The documents with a table of all options between the markers, and its language. */
const TABLES: readonly { readonly path: string; readonly language: Language }[] = [
  { path: 'docs/OPERATIONS.md', language: 'en' },
  { path: 'README.md', language: 'en' },
  { path: 'README.zh-CN.md', language: 'zh' },
]

const HEADS = {
  en: { cells: ['Variable', 'Default', 'Meaning'], none: 'none' },
  zh: { cells: ['变量', '默认值', '含义'], none: '无' },
} as const

/** A document as it is, and as the options say it should be. `wanted` is undefined when it has no place for the table. */
export interface EnvDocument {
  readonly path: string
  readonly found: string | undefined
  readonly wanted: string | undefined
}

/** All files at `root` that are generated, wholly or in part, from the options of server/src/config. */
export async function envDocuments(root: string): Promise<readonly EnvDocument[]> {
  const example = { path: '.env.example', found: readIfThere(root, '.env.example'), wanted: envExample() }
  const tables = TABLES.map(async ({ path, language }) => {
    const found = readIfThere(root, path)
    const options = found === undefined ? undefined : withTable(found, await optionTable(language))
    const hasMetrics = options !== undefined && path === METRICS_PATH
    const wanted = hasMetrics ? withTable(options, await metricTable(), [METRICS_BEGIN, METRICS_END]) : options
    return { path, found, wanted }
  })
  return [example, ...(await Promise.all(tables))]
}

/** `text` with this table between its markers; undefined when the markers are not there once, in order. */
export function withTable(text: string, table: string, [begin, end] = [BEGIN, END]): string | undefined {
  const [head, rest, ...more] = text.split(begin)
  const [, tail, ...others] = (rest ?? '').split(end)
  if (head === undefined || tail === undefined || more.length > 0 || others.length > 0) return undefined
  return `${head}${begin}\n\n${table}\n${end}${tail}`
}

/** Formatted as Prettier leaves it, or formatting and generating would undo each other. */
export async function optionTable(language: Language): Promise<string> {
  const { cells, none } = HEADS[language]
  const rows = allOptions().map(([name, option]) => {
    const shown = option.default === '' ? none : `\`${option.default}\``
    return [`\`${name}\``, shown, helpOf(name, option, language)]
  })
  const lines = [cells, cells.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)
  return format(lines.join('\n'), { parser: 'markdown' })
}

/** A file to copy to `.env`: every option with its default, commented out. */
export function envExample(): string {
  const lines = ['# Copy this file to .env and take the # off what you change. Written by npm run env:docs.', '']
  for (const [group, title] of Object.entries(OPTION_GROUPS)) {
    lines.push(`# == ${title} ==`, '')
    for (const [name, option] of allOptions().filter(([, { group: own }]) => own === group)) {
      lines.push(...wrap(helpOf(name, option, 'en')).map((line) => `# ${line}`), `#${name}=${option.default}`, '')
    }
  }
  return lines.join('\n')
}

/** What a secret may be given as besides is a rule, and said by rule. */
function helpOf(name: string, option: Option<unknown>, language: Language): string {
  const help = language === 'en' ? option.help : option.helpZh
  if (!option.isSecret) return help
  const file = `\`${fileVariableOf(name)}\``
  return language === 'en' ? `${help} Or a file with it: ${file}.` : `${help} 也可用 ${file} 指定存放它的文件。`
}

/** In the order of the groups, inside a group in the order of declaration. */
function allOptions(): readonly (readonly [string, Option<unknown>])[] {
  const options = Object.entries<Option<unknown>>(OPTIONS)
  return Object.keys(OPTION_GROUPS).flatMap((group) => options.filter(([, option]) => option.group === group))
}

function wrap(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= EXAMPLE_WIDTH) lines.splice(-1, 1, `${last} ${word}`)
    else lines.push(word)
  }
  return lines
}

function readIfThere(root: string, path: string): string | undefined {
  const full = join(root, path)
  return existsSync(full) ? readFileSync(full, 'utf8') : undefined
}
