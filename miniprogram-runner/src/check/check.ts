import { checkAppJson } from './app-json-rules.ts'
import type { Fault } from './fault.ts'
import { checkHandlers } from './handler-rules.ts'
import { checkPackageSize, measurePackages, type PackageSize } from './package-size.ts'
import { readProject } from './project.ts'
import { readScripts } from './script-reader.ts'
import { checkScripts } from './script-rules.ts'
import { readWxNames } from './wx-names.ts'
import { checkWxml } from './wxml-rules.ts'
import { checkWxss } from './wxss-rules.ts'

export interface CheckResult {
  /** In order of file and line; empty when WeChat would have nothing to say. */
  readonly faults: readonly Fault[]
  readonly packages: readonly PackageSize[]
  readonly pages: number
  readonly components: number
  readonly scripts: number
}

/** The static gate over a mini-program's folder, without a browser. Throws when there is no app.json. */
export function checkProject(projectDir: string): CheckResult {
  const project = readProject(projectDir)
  const scripts = readScripts(project)
  const packages = measurePackages(project, scripts)
  const faults = [
    ...project.faults,
    ...checkAppJson(project),
    ...checkWxml(project),
    ...checkWxss(project),
    ...scripts.faults,
    ...checkScripts(scripts.byFile.values(), readWxNames()),
    ...checkHandlers(project, scripts),
    ...checkPackageSize(packages),
  ]
  const units = [...project.units.values()]
  return {
    faults: faults.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line),
    packages,
    pages: units.filter(({ kind }) => kind === 'page').length,
    components: units.filter(({ kind }) => kind === 'component').length,
    scripts: scripts.byFile.size,
  }
}
