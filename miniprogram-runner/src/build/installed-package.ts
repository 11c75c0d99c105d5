import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDirectory, isFile } from './app-files.ts'
import { objectOf, parseJsonObject, textOf } from './json.ts'

export interface InstalledPackage {
  readonly name: string
  readonly version: string
  /** Its real directory: workspaces are symbolic links. */
  readonly directory: string
  /** The directory made for mini-programs, relative to `directory`; undefined: it has none. */
  readonly miniprogram: string | undefined
  readonly main: string | undefined
  readonly dependencies: readonly string[]
}

/**
 * Finds a package as Node does: in the node_modules of `from` and of every directory above.
 * @throws Error when it is not installed.
 */
export function findPackage(name: string, from: string): InstalledPackage {
  for (let directory = from; ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', name)
    if (isFile(join(candidate, 'package.json'))) return readManifest(join(candidate, 'package.json'))
    if (dirname(directory) === directory) throw new Error(`the package "${name}" is not installed (needed in ${from})`)
  }
}

export function readManifest(packageJson: string): InstalledPackage {
  const json = parseJsonObject(readFileSync(packageJson, 'utf8'), packageJson)
  const directory = realpathSync(dirname(packageJson))
  return {
    name: textOf(json['name']) ?? '',
    version: textOf(json['version']) ?? '',
    directory,
    miniprogram: findMiniprogram(directory, textOf(json['miniprogram'])),
    main: textOf(json['module']) ?? textOf(json['main']),
    dependencies: Object.keys(objectOf(json['dependencies'])),
  }
}

/** The field, else WeChat's default name; a field that names what is not there is an error, not a package without one. */
function findMiniprogram(directory: string, field: string | undefined): string | undefined {
  if (field !== undefined && !isDirectory(join(directory, field))) {
    throw new Error(`${directory}: "miniprogram": "${field}" is not there; build the package first`)
  }
  return field ?? (isDirectory(join(directory, 'miniprogram_dist')) ? 'miniprogram_dist' : undefined)
}
