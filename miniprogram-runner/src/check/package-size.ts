import { readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import ts from 'typescript'
import type { Fault } from './fault.ts'
import { filesBelow, isFile, type Project } from './project.ts'
import type { Scripts } from './script-reader.ts'
import { readWxmlTags } from './wxml-reader.ts'
import { templatesOf } from './wxml-rules.ts'
import { sheetsOf } from './wxss-rules.ts'

/** WeChat's limit for the main package, and for each sub-package. */
export const MAX_PACKAGE_BYTES = 2 * 1024 * 1024

export interface PackageSize {
  /** '' is the main package. */
  readonly package: string
  readonly bytes: number
}

/** What WeChat leaves at home: sources it has compiled, notes, and code nobody reaches (ignoreUploadUnusedFiles). */
const CODE = new Set(['.ts', '.js', '.wxml', '.wxss', '.wxs', '.json'])
const NOT_UPLOADED = new Set(['.md', '.map', '.less', '.scss', '.sass', '.log', '.txt', '.gitignore'])

/** Bytes of each package: reachable code, TypeScript as JavaScript (unminified), and every asset. */
export function measurePackages(project: Project, scripts: Scripts): readonly PackageSize[] {
  const sizes = new Map<string, number>([['', 0]])
  for (const file of uploadedFiles(project, scripts)) {
    const owner = project.subpackageRoots.find((root) => file.startsWith(`${root}/`)) ?? ''
    sizes.set(owner, (sizes.get(owner) ?? 0) + bytesOf(project.root, file))
  }
  return [...sizes].map(([name, bytes]) => ({ package: name, bytes }))
}

export function checkPackageSize(sizes: readonly PackageSize[], maxBytes = MAX_PACKAGE_BYTES): readonly Fault[] {
  return sizes
    .filter(({ bytes }) => bytes > maxBytes)
    .map(({ package: name, bytes }) => ({
      rule: 'package-size',
      file: name === '' ? 'app.json' : name,
      line: 0,
      text: `${name === '' ? 'main package' : `sub-package ${name}`} has ${bytes} bytes, ${maxBytes} are allowed`,
    }))
}

function uploadedFiles(project: Project, scripts: Scripts): ReadonlySet<string> {
  const files = new Set<string>(['app.json', ...scripts.byFile.keys(), ...sheetsOf(project).keys()])
  for (const script of scripts.byFile.values()) for (const target of script.imports.values()) files.add(target)
  for (const stem of project.units.keys()) {
    files.add(`${stem}.json`)
    for (const template of templatesOf(project.root, stem)) {
      files.add(template)
      for (const script of wxsOf(project.root, template)) files.add(script)
    }
  }
  for (const file of filesBelow(project.root)) {
    const extension = extname(file).toLowerCase()
    if (!CODE.has(extension) && !NOT_UPLOADED.has(extension)) files.add(file)
  }
  return new Set([...files].filter((file) => isFile(join(project.root, file))))
}

function wxsOf(root: string, template: string): readonly string[] {
  return readWxmlTags(readFileSync(join(root, template), 'utf8'))
    .filter(({ name }) => name === 'wxs')
    .flatMap(({ attributes }) => attributes.filter(({ name }) => name === 'src').map(({ value }) => value ?? ''))
    .map((path) => join(template, '..', path))
}

function bytesOf(root: string, file: string): number {
  if (!file.endsWith('.ts')) return statSync(join(root, file)).size
  const { outputText } = ts.transpileModule(readFileSync(join(root, file), 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2017, module: ts.ModuleKind.CommonJS, removeComments: true },
  })
  return Buffer.byteLength(outputText)
}
