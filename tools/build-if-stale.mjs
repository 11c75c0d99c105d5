import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { partsOf, readBuildStamps, staleParts } from './build-inputs.mjs'

// node tools/build-if-stale.mjs: builds the parts whose sources are not those of the last build. `npm install` and
// `npm start` call it; when there is nothing to do it takes some tens of milliseconds and says nothing.

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')

if (staleParts(root).length > 0) {
  const hasTools = existsSync(join(root, 'node_modules/tsx')) && existsSync(join(root, 'node_modules/.bin/tsc'))
  const stamps = readBuildStamps(root)
  if (hasTools) {
    const args = ['--conditions=source', '--import', 'tsx', 'tools/build.ts', '--if-stale']
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
    process.exitCode = status ?? 1
  } else if (partsOf(root).every((part) => stamps[part] !== undefined)) {
    // A production install has no compiler; what was built is what it should run.
    console.warn('hongyan: the sources differ from what was built, and there are no build tools: using what was built')
  } else {
    console.error(
      'hongyan: nothing is built, and there are no build tools: run npm install with development dependencies',
    )
    process.exitCode = 1
  }
}
