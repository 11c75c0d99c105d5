import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { TmplGroup } from 'glass-easel-template-compiler'
import { BUILTIN_TAGS } from './builtin-tags.ts'
import { lineAt, type Fault } from './fault.ts'
import { objectAt } from './json-value.ts'
import { isFile, isFromNpm, type Project, type Unit } from './project.ts'
import { readWxmlTags, withoutCommentsAndScripts, type WxmlTag } from './wxml-reader.ts'

interface TemplateParseError {
  readonly isError: boolean
  readonly message: string
  /** 0-based. */
  readonly startLine: number
}

/** The templates a unit renders: its own, and those it imports or includes, each once. */
export function templatesOf(root: string, stem: string): readonly string[] {
  const files: string[] = []
  const visit = (file: string): void => {
    if (files.includes(file) || !isFile(join(root, file))) return
    files.push(file)
    for (const tag of readWxmlTags(readFileSync(join(root, file), 'utf8'))) {
      const source = tag.name === 'import' || tag.name === 'include' ? sourceOf(tag) : undefined
      if (source !== undefined) visit(resolveFrom(file, source, '.wxml'))
    }
  }
  visit(`${stem}.wxml`)
  return files
}

/** Syntax, the subset both frameworks read, files named by templates, and tags nobody answers. */
export function checkWxml(project: Project): readonly Fault[] {
  const faults: Fault[] = []
  const judged = new Set<string>()
  for (const unit of project.units.values()) {
    for (const file of templatesOf(project.root, unit.stem)) {
      if (isFromNpm(file)) continue
      const source = readFileSync(join(project.root, file), 'utf8')
      const tags = readWxmlTags(source)
      faults.push(...unknownTags(unit, file, tags))
      if (judged.has(file)) continue
      judged.add(file)
      faults.push(...checkSyntax(file, source), ...checkSubset(file, source, tags))
      faults.push(...checkReferences(project.root, file, tags))
    }
  }
  return faults
}

/** What the template compiler of glass-easel says; its warnings count too: WeChat's own refuses most of them. */
export function checkSyntax(file: string, source: string): readonly Fault[] {
  const group = new TmplGroup()
  try {
    const found = group.addTmpl(file, source) as readonly TemplateParseError[]
    return found
      .filter((each) => each.message !== 'the expression is empty')
      .map((each) => ({ rule: 'wxml-syntax', file, line: each.startLine + 1, text: each.message }))
  } finally {
    group.free()
  }
}

/** glass-easel and the older framework read these differently, so nobody should write them. */
export function checkSubset(file: string, source: string, tags: readonly WxmlTag[]): readonly Fault[] {
  const faults: Fault[] = []
  const say = (line: number, text: string): number => faults.push({ rule: 'wxml-subset', file, line, text })
  for (const tag of tags) {
    for (const { name, line } of tag.attributes) {
      if (/^wx-(if|elif|else|for|key)/.test(name)) say(line, `${name}: write ${name.replace('-', ':')}`)
    }
  }
  const text = withoutCommentsAndScripts(source)
  for (const match of text.matchAll(/\{\{\s*\}\}/g)) say(lineAt(text, match.index), 'empty {{}}')
  for (const match of text.matchAll(/&(\w+);/g)) {
    const name = match[1] ?? ''
    if (!/^(amp|lt|gt|quot|apos|nbsp)$/.test(name)) say(lineAt(text, match.index), `&${name}; is no XML escape`)
  }
  return faults
}

function checkReferences(root: string, file: string, tags: readonly WxmlTag[]): readonly Fault[] {
  const faults: Fault[] = []
  for (const tag of tags) {
    const source = sourceOf(tag)
    if (source === undefined || source.includes('{{') || !namesFile(tag.name, source)) continue
    const target = resolveFrom(file, source, { import: '.wxml', include: '.wxml', wxs: '.wxs' }[tag.name] ?? '')
    if (isFile(join(root, target))) continue
    faults.push({ rule: 'wxml-reference', file, line: tag.line, text: `<${tag.name} src>: no file ${target}` })
  }
  return faults
}

function namesFile(tag: string, source: string): boolean {
  if (tag === 'import' || tag === 'include' || tag === 'wxs') return true
  return ['image', 'cover-image'].includes(tag) && source !== '' && !/^(https?:|data:|wxfile:|cloud:)/.test(source)
}

function unknownTags(unit: Unit, file: string, tags: readonly WxmlTag[]): readonly Fault[] {
  const generics = objectAt(unit.config, 'componentGenerics')
  return tags
    .filter(({ name }) => !BUILTIN_TAGS.has(name) && !unit.components.has(name) && !(name in generics))
    .map(({ name, line }) => ({
      rule: 'unknown-component',
      file,
      line,
      text: `<${name}> is no built-in component and not in usingComponents of ${unit.stem}.json`,
    }))
}

function sourceOf(tag: WxmlTag): string | undefined {
  return tag.attributes.find(({ name }) => name === 'src')?.value
}

function resolveFrom(file: string, source: string, extension: string): string {
  const path = source.startsWith('/') ? source.slice(1) : posix.join(dirname(file), source)
  return path.endsWith(extension) ? path : path + extension
}
