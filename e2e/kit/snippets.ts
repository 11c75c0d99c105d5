import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A block of code of a document. Its name is the path of the file in which an integrator would have it. */
export interface Snippet {
  readonly name: string
  /** As the fence says: `ts`, `sh`. */
  readonly language: string
  readonly text: string
}

type TestFile = 'integrating.e2e.test.ts' | 'integrating.proc.test.ts'

/** Which test compiles or runs each snippet of docs/INTEGRATING.md; both tests hold the document to it. */
const TESTED_BY: Readonly<Record<TestFile, readonly string[]>> = {
  'integrating.proc.test.ts': [
    'install/pack.sh',
    'install/install.sh',
    'server/.env',
    'server/users.json',
    'moving/chat.diff',
    'moving/alias.sh',
    'backend/usersig.mjs',
    'backend/usersig-jwt.mjs',
    'backend/usersig.py',
    'backend/UserSig.java',
    'uni/vite.config.ts',
    'uni/im/chat.ts',
    'miniprogram/project.config.json',
    'miniprogram/miniprogram/im/chat.ts',
    'miniprogram/miniprogram/app.ts',
    'miniprogram/miniprogram/pages/chat.ts',
    'miniprogram/miniprogram/pages/chat.wxml',
    'bot/bot.mjs',
    'im/errors.ts',
  ],
  'integrating.e2e.test.ts': [
    'im/chat.ts',
    'im/conversation.ts',
    'im/pictures.ts',
    'im/session.ts',
    'plain/index.html',
    'plain/page.js',
    'vue/use-conversation.ts',
    'vue/Conversation.vue',
    'vue/main.ts',
    'react/use-conversation.ts',
    'react/Conversation.tsx',
    'react/main.tsx',
    'uni/pages/chat.vue',
  ],
}

const OPENING = /^(`{3,})(\S*)$/
const MARK = /^<!-- snippet: (\S+) -->$/

/** Every block of code of a document, in its order. Throws for one without a name, and for a name that comes twice. */
export function readSnippets(path: string): readonly Snippet[] {
  const lines = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8').split('\n')
  const snippets: Snippet[] = []
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language = ''] = OPENING.exec(lines[at] ?? '') ?? []
    if (fence === undefined) continue
    const [, name] = MARK.exec(lines.slice(0, at).findLast((line) => line !== '') ?? '') ?? []
    if (name === undefined) throw new Error(`${path}:${at + 1}: a block of code that no test knows: it has no name`)
    if (snippets.some((one) => one.name === name)) throw new Error(`${path}:${at + 1}: a second ${name}`)
    const end = lines.indexOf(fence, at + 1)
    snippets.push({ name, language, text: `${lines.slice(at + 1, end).join('\n')}\n` })
    at = end
  }
  return snippets
}

/** The snippets as one of the two tests uses them. */
export interface SnippetBook {
  /** The text, with what stands for the school's own addresses replaced; noted as used. */
  take(name: string, replaced?: Readonly<Record<string, string>>): string
  names(): readonly string[]
  /** Those that this test promised to use and has not. */
  unused(): readonly string[]
}

export function openSnippetBook(path: string, test: TestFile): SnippetBook {
  const snippets = new Map(readSnippets(path).map((snippet) => [snippet.name, snippet.text]))
  const used = new Set<string>()
  return {
    take(name, replaced = {}) {
      let text = snippets.get(name)
      if (text === undefined) throw new Error(`${path} has no ${name}`)
      used.add(name)
      for (const [from, to] of Object.entries(replaced)) text = text.replaceAll(from, to)
      return text
    },
    names: () => [...snippets.keys()],
    unused: () => TESTED_BY[test].filter((name) => !used.has(name)),
  }
}

/** The names that the two tests have promised to use. */
export function testedNames(): readonly string[] {
  return Object.values(TESTED_BY).flat()
}
