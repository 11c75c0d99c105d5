import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { findAppRoot, isFile } from './app-files.ts'
import type { BuildNpmOptions } from './build-npm.ts'
import { isJsonObject, listOf, objectOf, parseJsonObject, textOf } from './json.ts'

/**
 * Which package.json is built into which directory: project.config.json's packNpmManually with its relations, else the
 * nearest package.json of the program into miniprogram_npm beside app.json.
 */
export function readNpmTargets(project: string): readonly BuildNpmOptions[] {
  const relations = readRelations(join(project, 'project.config.json'))
  if (relations.length > 0) {
    return relations.map(({ packageJson, distDir }) => ({
      packageJson: resolve(project, packageJson),
      outDir: join(resolve(project, distDir), 'miniprogram_npm'),
    }))
  }
  const appRoot = findAppRoot(project)
  return [{ packageJson: nearestPackageJson(appRoot), outDir: join(appRoot, 'miniprogram_npm') }]
}

interface NpmRelation {
  readonly packageJson: string
  readonly distDir: string
}

function readRelations(configFile: string): readonly NpmRelation[] {
  if (!isFile(configFile)) return []
  const setting = objectOf(parseJsonObject(readFileSync(configFile, 'utf8'), 'project.config.json')['setting'])
  if (setting['packNpmManually'] !== true) return []
  return listOf(setting['packNpmRelationList'])
    .filter(isJsonObject)
    .map((each) => ({
      packageJson: textOf(each['packageJsonPath']) ?? './package.json',
      distDir: textOf(each['miniprogramNpmDistDir']) ?? '.',
    }))
}

function nearestPackageJson(appRoot: string): string {
  for (let directory = appRoot; ; directory = dirname(directory)) {
    const candidate = join(directory, 'package.json')
    if (isFile(candidate)) return candidate
    if (dirname(directory) === directory) throw new Error(`no package.json in or above ${appRoot}`)
  }
}
