import { describe, expect, test } from 'vitest'
import { OPTIONS } from '../server/src/config/options.ts'
import { envProblems } from './check-env.ts'
import { envDocuments, envExample, optionTable, withTable } from './env-docs.ts'
import { METRICS as METRICS_OF_SERVER } from '../server/src/metrics/catalogue.ts'
import { metricTable } from './metrics-docs.ts'
import { planted } from './planted.ts'

const METRICS = '\n<!-- metrics:begin (written by npm run env:docs) -->\n\nold metrics\n\n<!-- metrics:end -->\n'
const EMPTY =
  '# Title\n\n<!-- options:begin (written by npm run env:docs) -->\n\nold\n\n<!-- options:end -->\n\nAfter.\n'
const PATHS = ['docs/OPERATIONS.md', 'README.md', 'README.zh-CN.md']

/** Documents as the generator leaves them. */
async function generated(): Promise<Record<string, string>> {
  const root = planted(
    Object.fromEntries(PATHS.map((path) => [path, path === 'docs/OPERATIONS.md' ? EMPTY + METRICS : EMPTY])),
  )
  const documents = await envDocuments(root)
  return Object.fromEntries(documents.map(({ path, wanted }) => [path, wanted ?? '']))
}

describe('documents of the environment', () => {
  test('documents as generated are fine', async () => {
    expect(await envProblems(planted(await generated()))).toEqual([])
  })

  test.each(['.env.example', ...PATHS])('a changed line in %s is found', async (path) => {
    const files = await generated()
    const changed = { ...files, [path]: (files[path] ?? '').replace('3000', '3001') }
    expect(await envProblems(planted(changed))).toEqual([`${path} differs from the options: npm run env:docs`])
  })

  test('a metric that the document describes otherwise is found', async () => {
    const files = await generated()
    const path = 'docs/OPERATIONS.md'
    const changed = { ...files, [path]: (files[path] ?? '').replace('Connections of this node.', 'Connections.') }
    expect(changed[path]).not.toBe(files[path])
    expect(await envProblems(planted(changed))).toEqual([`${path} differs from the options: npm run env:docs`])
  })

  test('each metric is in the table with its kind and its meaning', async () => {
    const table = await metricTable()
    for (const { name, kind, help } of Object.values(METRICS_OF_SERVER)) {
      const row = table.split('\n').find((line) => line.startsWith(`| \`${name}\` `))
      expect(row).toContain(kind)
      expect(row).toContain(help)
    }
  })

  test('missing documents and missing markers are found', async () => {
    const problems = await envProblems(planted({ 'README.md': '# Title\n' }))
    expect(problems).toHaveLength(4)
    expect(problems).toContain('README.md lacks the markers between which the table of options stands')
  })

  test('all that stands around the markers stays', () => {
    expect(withTable(EMPTY, 'new\n')).toBe(EMPTY.replace('old\n', 'new\n'))
    expect(withTable('no markers', 'new')).toBeUndefined()
    expect(withTable(EMPTY + EMPTY, 'new')).toBeUndefined()
  })

  test('each option is in the example and in the tables of both languages', async () => {
    const [english, chinese] = [await optionTable('en'), await optionTable('zh')]
    for (const [name, option] of Object.entries(OPTIONS)) {
      expect(envExample()).toContain(`\n#${name}=${option.default}\n`)
      expect(english).toContain(`\`${name}\``)
      expect(chinese).toContain(option.helpZh)
    }
  })
})
