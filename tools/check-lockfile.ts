import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ADDRESS = /"resolved":\s*"(?:[a-z+]+:)?\/\/[^"]*"/g

/**
 * The lock file pins versions and hashes, not download addresses: with an address of its author's mirror in it, nobody
 * else could install.
 */
export function lockfileProblems(root: string): readonly string[] {
  const path = join(root, 'package-lock.json')
  if (!existsSync(path)) return ['package-lock.json is missing']
  const addresses = readFileSync(path, 'utf8').match(ADDRESS) ?? []
  if (addresses.length === 0) return []
  return [
    `package-lock.json holds ${addresses.length} download addresses; omit-lockfile-registry-resolved leaves them out`,
  ]
}
