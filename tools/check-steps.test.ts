import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { STEPS } from './check-steps.ts'
import { planted } from './planted.ts'
import { ROOT } from './root.ts'

const TSCONFIG = JSON.stringify({
  compilerOptions: { module: 'nodenext', target: 'ES2022', strict: true, types: [], noEmit: true },
  include: ['**/*.ts'],
})

const SETTINGS = Object.fromEntries(
  ['.oxlintrc.json', '.prettierrc.json', 'knip.json'].map((path) => [path, readFileSync(`${ROOT}/${path}`, 'utf8')]),
)

async function problemsOf(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const step = STEPS.find((candidate) => candidate.name === name)
  if (!step) throw new Error(`no step ${name}`)
  const problems = await step.run(planted({ ...SETTINGS, 'tsconfig.json': TSCONFIG, ...files }))
  // With CI set, the linter writes in colours and with box drawing.
  return stripVTControlCharacters(problems.join('\n'))
}

const BUGS = `
declare function save(n: number): Promise<void>
declare const emitter: { on(name: string, listener: () => void): void }
declare const pending: Promise<boolean>
export function run(kind: 'a' | 'b', list: readonly number[]): number {
  save(1)
  list.forEach(async (n) => { await save(n) })
  emitter.on('x', async () => { await save(2) })
  if (pending) return 1
  switch (kind) {
    case 'a':
      return 2
  }
  return 3
}
`

const RESTRICTED: readonly (readonly [rule: string, path: string, source: string])[] = [
  ['no-console', 'server/src/kit/bad-0.ts', "console.log('x')"],
  ['no-process-env', 'server/src/gateway/bad-1.ts', 'export const a = process.env.A'],
  ['no-restricted-properties', 'server/src/messaging/bad-2.ts', 'export const now = Date.now()'],
  ['no-restricted-globals', 'client-sdk/src/core/bad-3.ts', "export const u = new URL('http://x')"],
  ['no-eval', 'client-sdk/src/core/bad-4.ts', "eval('1')"],
  ['no-new-func', 'client-sdk/src/tim/bad-5.ts', "export const f = new Function('1')"],
  ['no-default-export', 'protocol/src/bad-6.ts', 'export default 1'],
  ['no-explicit-any', 'protocol/src/bad-7.ts', 'export const x: any = 1'],
  ['no-non-null-assertion', 'protocol/src/bad-8.ts', 'export const f = (x?: number): number => x!'],
  ['no-base-to-string', 'protocol/src/bad-9.ts', 'export const f = (x: object): string => x.toString()'],
  ['no-focused-tests', 'protocol/src/bad-10.test.ts', "import { test } from 'vitest'\ntest.only('x', () => {})"],
  ['max-lines', 'server/src/bad-11.ts', Array.from({ length: 501 }, (_, i) => `export const a${i} = 1`).join('\n')],
]

describe('lint', () => {
  test('each of the five bugs that a gateway must not have is found', async () => {
    const found = await problemsOf('lint', { 'server/src/x.ts': BUGS })
    expect(found).toContain('no-floating-promises')
    expect(found.match(/no-misused-promises/g)).toHaveLength(3)
    expect(found).toContain('switch-exhaustiveness-check')
  })

  test('each restriction is found where it holds', async () => {
    const files = Object.fromEntries(RESTRICTED.map(([, path, source]) => [path, `${source}\n`]))
    const found = await problemsOf('lint', files)
    expect(Object.keys(files)).toHaveLength(RESTRICTED.length)
    const faults = [...found.matchAll(/\(([\w-]+)\): [\s\S]*?[-─]\[([^:]+):/g)].map(
      ([, rule, path]) => `${rule}: ${path}`,
    )
    expect(faults).toEqual(expect.arrayContaining(RESTRICTED.map(([rule, path]) => `${rule}: ${path}`)))
  })

  test('the places made for the restricted are free to use it', async () => {
    const found = await problemsOf('lint', {
      'server/src/kit/clock.ts': 'export const now = (): number => Date.now()\n',
      'client-sdk/src/platform/x.ts': "export const u = new URL('http://x')\n",
    })
    expect(found).toBe('')
  })
})

describe('other tools', () => {
  test('a file that Prettier would write otherwise is found', async () => {
    expect(await problemsOf('format', { 'a.ts': 'export   const a=1' })).toContain('a.ts')
    expect(await problemsOf('format', { 'a.ts': 'export const a = 1\n' })).not.toContain('a.ts')
  })

  test('a type error is found, in the sources and under the own settings of the SDK', async () => {
    const fault = "export const a: number = ''\n"
    expect(await problemsOf('types', { 'a.ts': fault })).toContain('TS2322')
    const sdk = { 'client-sdk/tsconfig.json': TSCONFIG, 'client-sdk/a.ts': fault }
    const own = JSON.stringify({ include: ['b.ts'] })
    expect(await problemsOf('types', { ...sdk, 'tsconfig.json': own, 'b.ts': '' })).toContain('TS2322')
  })

  test('an unused file, export and dependency are found', async () => {
    const found = await problemsOf('dead code', {
      'package.json': '{"name":"x","type":"module","workspaces":["server"]}',
      'server/package.json': '{"name":"@x/server","type":"module","dependencies":{"never-used":"1.0.0"}}',
      'server/src/main.ts': "import { used } from './used.ts'\nused()\n",
      'server/src/used.ts': 'export function used(): void {}\nexport function unusedExport(): void {}\n',
      'server/src/unused-file.ts': 'export const x = 1\n',
    })
    expect(found).toContain('unused-file.ts')
    expect(found).toContain('unusedExport')
    expect(found).toContain('never-used')
  })
})
