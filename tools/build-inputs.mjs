import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// Plain JavaScript without dependencies, because `npm start` asks here each time whether there is something to build.
// What the functions guarantee stands in build-inputs.d.mts.

const PACKAGES = ['protocol', 'server', 'client-sdk', 'web-demo']
const FILES = [
  'package-lock.json',
  'tsconfig.base.json',
  'client-sdk/build.ts',
  'client-sdk/build-types.ts',
  'client-sdk/roll-up-types.ts',
  'tools/build.ts',
  'web-demo/build.ts',
  'web-demo/index.html',
  'web-demo/vite.config.ts',
  'web-demo/public/goose.svg',
  ...PACKAGES.flatMap((name) => [`${name}/package.json`, `${name}/tsconfig.json`, `${name}/tsconfig.build.json`]),
]
const TEST = /\.(test|contract)\.ts$/
const STAMP = 'server/dist/build-stamp'

/** @param {string} root @returns {string} */
export function hashBuildInputs(root) {
  const hash = createHash('sha256').update(process.version)
  const paths = [...FILES.filter((path) => existsSync(join(root, path))), ...sourcePaths(root)]
  for (const path of paths.sort()) hash.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

/** @param {string} root @returns {string | undefined} */
export function readBuildStamp(root) {
  const built = PACKAGES.filter((name) => existsSync(join(root, name, 'src')))
  if (!built.every((name) => existsSync(join(root, name, 'dist')))) return undefined
  const path = join(root, STAMP)
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}

/** @param {string} root @param {string} hash */
export function writeBuildStamp(root, hash) {
  writeFileSync(join(root, STAMP), `${hash}\n`)
}

/** @param {string} root */
export function removeBuildStamp(root) {
  rmSync(join(root, STAMP), { force: true })
}

/** @param {string} root @returns {string[]} */
function sourcePaths(root) {
  return PACKAGES.filter((name) => existsSync(join(root, name, 'src'))).flatMap((name) =>
    readdirSync(join(root, name, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !TEST.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  )
}
