import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// Plain JavaScript without dependencies, because `npm start` asks here each time whether there is something to build.
// What the functions guarantee stands in build-inputs.d.mts.

/** @type {Readonly<Record<string, { needs: string[], files: string[] }>>} */
const PARTS = {
  protocol: { needs: [], files: [] },
  server: { needs: ['protocol'], files: [] },
  loadtest: { needs: ['protocol'], files: [] },
  'client-sdk': { needs: ['protocol'], files: ['build.ts', 'build-types.ts', 'roll-up-types.ts'] },
  'web-demo': { needs: ['client-sdk'], files: ['build.ts', 'index.html', 'vite.config.ts', 'public/goose.svg'] },
}
const FILES_OF_ALL = ['package-lock.json', 'tsconfig.base.json', 'tools/build.ts']
const FILES_OF_EACH = ['package.json', 'tsconfig.json', 'tsconfig.build.json']
const TEST = /\.(test|contract)\.ts$/
const STAMPS = 'server/dist/build-stamps.json'

/** @param {string} root @returns {string[]} */
export function partsOf(root) {
  return Object.keys(PARTS).filter((part) => existsSync(join(root, part, 'src')))
}

/** @param {string} root @param {string} part @returns {string} */
export function hashBuildInputs(root, part) {
  const { needs, files } = PARTS[part] ?? { needs: [], files: [] }
  const hash = createHash('sha256').update(process.version)
  for (const needed of needs) hash.update(hashBuildInputs(root, needed))
  const own = [...FILES_OF_EACH, ...files].map((name) => `${part}/${name}`)
  const present = [...FILES_OF_ALL, ...own].filter((path) => existsSync(join(root, path)))
  for (const path of [...present, ...sourcePaths(root, part)].sort()) {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex')
}

/** @param {string} root @returns {Record<string, string>} */
export function readBuildStamps(root) {
  const path = join(root, STAMPS)
  if (!existsSync(path)) return {}
  /** @type {Record<string, string>} */
  const stamps = JSON.parse(readFileSync(path, 'utf8'))
  return Object.fromEntries(Object.entries(stamps).filter(([part]) => existsSync(join(root, part, 'dist'))))
}

/** @param {string} root @param {Readonly<Record<string, string>>} stamps */
export function writeBuildStamps(root, stamps) {
  mkdirSync(join(root, 'server/dist'), { recursive: true })
  writeFileSync(join(root, STAMPS), `${JSON.stringify(stamps, null, 2)}\n`)
}

/** @param {string} root @returns {string[]} */
export function staleParts(root) {
  const stamps = readBuildStamps(root)
  return partsOf(root).filter((part) => stamps[part] !== hashBuildInputs(root, part))
}

/** @param {string} root @param {string} part @returns {string[]} */
function sourcePaths(root, part) {
  const folder = join(root, part, 'src')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !TEST.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
}
