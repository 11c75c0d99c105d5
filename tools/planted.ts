import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** For the checkers' tests: the root of a tree with these files, by path. It ends with the test that runs. */
export function planted(files: Readonly<Record<string, string>>): string {
  // Tools report real paths; a temporary folder may be reached through a link.
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'hongyan-planted-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}
