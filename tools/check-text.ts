import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sourceFiles } from './source-files.ts'

/** Text that is true on one machine only. The patterns are written so that they do not match themselves. */
const FORBIDDEN: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /(?<![\w.~-])\/(?:work|tmp\/hy)\b(?=\/|-|$|["'`\s])/m, why: 'a path of one machine' },
  { pattern: /(?<![\w.~-])\/home\/(?!node\/|user\/)[a-z][\w-]*\//, why: 'a path of one machine' },
  { pattern: /\bregistry\.(?:[\w-]+\.)+[a-z]{2,}\b/, why: 'a registry host' },
  { pattern: /https?:\/\/[^\s"'`]*\/(?:artifactory|nexus|verdaccio)\b/, why: 'a registry host' },
]
const BINARY = /\.(png|jpe?g|gif|webp|ico|woff2?|ttf|zip|gz|wasm|pdf|mp3|mp4|amr)$/i

/** One line per file and kind of text that must not be published. */
export function textProblems(root: string): readonly string[] {
  return sourceFiles(root)
    .filter((path) => !BINARY.test(path))
    .flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return FORBIDDEN.flatMap(({ pattern, why }) => {
        const found = pattern.exec(text)
        if (!found) return []
        const line = text.slice(0, found.index).split('\n').length
        return [`${path}:${line} holds ${why}: ${found[0]}`]
      })
    })
}
