import { cp, mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { bundlePackage } from './bundle-package.ts'
import { emptyDirectory } from './empty-directory.ts'
import { findPackage, readManifest, type InstalledPackage } from './installed-package.ts'

export interface BuildNpmOptions {
  /** The package.json whose `dependencies` (not devDependencies) are built. */
  readonly packageJson: string
  /** The miniprogram_npm directory to write; emptied first. */
  readonly outDir: string
}

export interface BuiltPackage {
  readonly name: string
  readonly version: string
  /** 'copied': its "miniprogram" directory; 'bundled': its main and all that it requires, as one index.js. */
  readonly how: 'copied' | 'bundled'
}

/**
 * Builds miniprogram_npm as devtools' "build npm" does. The dependencies of copied packages come along; where two of
 * them need different versions, the second stands in its dependant's own miniprogram_npm.
 * @throws Error when the directory holds something else, or a package is not installed, or is neither made for mini-programs nor free of Node's modules.
 */
export async function buildNpm(options: BuildNpmOptions): Promise<readonly BuiltPackage[]> {
  const packageJson = resolve(options.packageJson)
  await emptyDirectory(options.outDir, () => basename(options.outDir) === 'miniprogram_npm')
  const builder = new NpmBuilder(resolve(options.outDir))
  await builder.addDependencies(readManifest(packageJson).dependencies, dirname(packageJson), resolve(options.outDir))
  return builder.built
}

class NpmBuilder {
  readonly built: BuiltPackage[] = []
  private readonly outDir: string
  /** Directory of the installed package by name, for those at the top. */
  private readonly top = new Map<string, string>()

  constructor(outDir: string) {
    this.outDir = outDir
  }

  /** `nested`: the miniprogram_npm of the dependant, for what the top has in another version. */
  async addDependencies(names: readonly string[], from: string, nested: string): Promise<void> {
    for (const name of names) {
      const found = findPackage(name, from)
      const atTop = this.top.get(name)
      if (atTop === found.directory) continue
      if (atTop === undefined) this.top.set(name, found.directory)
      await this.add(found, join(atTop === undefined ? this.outDir : nested, name))
    }
  }

  private async add(found: InstalledPackage, target: string): Promise<void> {
    const { name, version } = found
    await mkdir(target, { recursive: true })
    if (found.miniprogram === undefined) {
      await writeFile(join(target, 'index.js'), await bundlePackage(found))
      this.built.push({ name, version, how: 'bundled' })
      return
    }
    await cp(join(found.directory, found.miniprogram), target, {
      recursive: true,
      dereference: true,
      filter: (source) => !source.endsWith('.map'),
    })
    this.built.push({ name, version, how: 'copied' })
    await this.addDependencies(found.dependencies, found.directory, join(target, 'miniprogram_npm'))
  }
}
