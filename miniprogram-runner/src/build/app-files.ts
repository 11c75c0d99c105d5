import { readFileSync, statSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { CompileError } from './compile-error.ts'
import { parseJsonObject, textOf } from './json.ts'

const NPM_DIRECTORY = 'miniprogram_npm'

/** Paths of the program: relative to app.json's directory, with `/`, never leaving it. */
export type AppPath = string

/** Reads the program's files; miniprogram_npm may stand elsewhere. */
export class AppFiles {
  /** The directory of app.json. */
  readonly root: string
  private readonly npmDir: string | undefined

  constructor(root: string, npmDir: string | undefined) {
    this.root = resolve(root)
    const ownNpm = join(this.root, NPM_DIRECTORY)
    this.npmDir = npmDir !== undefined && !isDirectory(ownNpm) ? resolve(npmDir) : undefined
  }

  absolute(path: AppPath): string {
    const inNpm = path.startsWith(`${NPM_DIRECTORY}/`)
    if (inNpm && this.npmDir !== undefined) return join(this.npmDir, path.slice(NPM_DIRECTORY.length + 1))
    return join(this.root, path)
  }

  has(path: AppPath): boolean {
    return isFile(this.absolute(path))
  }

  /** @throws CompileError when there is no such file. */
  read(path: AppPath): string {
    try {
      return readFileSync(this.absolute(path), 'utf8')
    } catch {
      throw new CompileError(path, undefined, 'no such file')
    }
  }

  readIfPresent(path: AppPath): string | undefined {
    return this.has(path) ? this.read(path) : undefined
  }

  /** @throws CompileError when the file is not a JSON object. */
  readJson(path: AppPath): Readonly<Record<string, unknown>> {
    return parseJsonObject(this.read(path), path)
  }

  /**
   * The path that `written` means inside `from`: from the root with a leading slash, else beside `from`.
   * @throws CompileError when it leaves the program.
   */
  join(from: AppPath, written: string): AppPath {
    const base = written.startsWith('/') ? '' : posix.dirname(from)
    const path = posix.normalize(posix.join(base, written)).replace(/^\/+/, '')
    if (path === '..' || path.startsWith('../'))
      throw new CompileError(from, undefined, `"${written}" leaves the program`)
    return path
  }

  /** Where npm's `name` (a package, or a file in one) would stand for a file, nearest miniprogram_npm first. */
  npmCandidates(from: AppPath, name: string): readonly AppPath[] {
    const candidates: AppPath[] = []
    for (let directory = posix.dirname(from); ; directory = posix.dirname(directory)) {
      candidates.push(posix.join(directory === '.' ? '' : directory, NPM_DIRECTORY, name))
      if (directory === '.' || directory === '') return candidates
    }
  }
}

/** The directory of app.json of a project's directory, by project.config.json's miniprogramRoot. */
export function findAppRoot(root: string): string {
  if (isFile(join(root, 'app.json'))) return resolve(root)
  const project = join(root, 'project.config.json')
  if (!isFile(project))
    throw new CompileError('app.json', undefined, `neither app.json nor project.config.json in ${root}`)
  const config = parseJsonObject(readFileSync(project, 'utf8'), 'project.config.json')
  const appRoot = resolve(root, textOf(config['miniprogramRoot']) ?? '')
  if (!isFile(join(appRoot, 'app.json'))) throw new CompileError('app.json', undefined, `no such file in ${appRoot}`)
  return appRoot
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
