import { readFileSync } from 'node:fs'
import { PROTOCOL_VERSION } from '@hongyan/protocol'

/** What runs. */
export interface BuildInfo {
  readonly version: string
  readonly protocol: string
  readonly node: string
}

/** Reads this package's own description; the same place from `src` and from `dist`. */
export function readBuildInfo(): BuildInfo {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version = 'unknown' } = JSON.parse(text) as { readonly version?: string }
  return { version, protocol: String(PROTOCOL_VERSION), node: process.versions.node }
}
