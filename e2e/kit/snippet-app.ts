import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGES_OF = ['', 'web-demo']

/** An application's own folder, outside the checkout: it has the packages it was given and no others. */
export interface SnippetApp {
  readonly folder: string
  write(path: string, text: string): void
  /** Gives it these packages as they are installed in the checkout. */
  addPackages(...names: string[]): void
  /** Gives it the SDK as it is published. */
  addSdk(): void
  remove(): void
}

export function makeSnippetApp(): SnippetApp {
  const folder = mkdtempSync(join(tmpdir(), 'hongyan-app-'))
  const prepared = (path: string): string => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    return join(folder, path)
  }
  return {
    folder,
    write: (path, text) => writeFileSync(prepared(path), text),
    addPackages(...names) {
      for (const name of names) symlinkSync(installed(name), prepared(`node_modules/${name}`))
    },
    addSdk() {
      const sdk = prepared('node_modules/@hongyan/client-sdk/')
      for (const part of ['dist', 'package.json'])
        cpSync(join(CHECKOUT, 'client-sdk', part), join(sdk, part), { recursive: true })
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The folder of a package: npm puts it beside the workspace that needs it where versions differ. */
function installed(name: string): string {
  const found = PACKAGES_OF.map((workspace) => join(CHECKOUT, workspace, 'node_modules', name)).find(existsSync)
  if (found === undefined) throw new Error(`${name} is not installed`)
  return found
}
