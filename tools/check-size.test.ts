import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { bundleSizes, overBudget, sizeProblems, sizeTable } from './check-size.ts'
import { planted } from './planted.ts'

const PATHS = [...bundleSizes('/nowhere').keys()]
/** Hexadecimal of random bytes: gzip halves it. */
const text = (bytes: number): string => randomBytes(bytes).toString('hex')

describe('the budget of the bundles', () => {
  test('the mini-program build may weigh 58,000 bytes after gzip', () => {
    expect(PATHS).toContain('client-sdk/dist/miniprogram/index.js')
    const root = planted(Object.fromEntries(PATHS.map((path) => [path, text(1_000)])))
    expect(bundleSizes(root).get('client-sdk/dist/miniprogram/index.js')?.budgetBytes).toBe(58_000)
    expect(overBudget(bundleSizes(root))).toEqual([])
  })

  test('what is too heavy or missing is named', () => {
    const [heavy = '', missing = '', ...fine] = PATHS
    const files = Object.fromEntries(fine.map((path) => [path, text(1_000)]))
    const found = overBudget(bundleSizes(planted({ ...files, [heavy]: text(90_000) })))
    expect(found).toHaveLength(2)
    expect(found[0]).toMatch(new RegExp(`^${heavy} is \\d+ bytes over its 58000 after gzip -9$`))
    expect(found[1]).toBe(`${missing} was not built`)
  })

  test('the weight is that of gzip -9, not of the text', () => {
    const [path = ''] = PATHS
    const size = bundleSizes(planted({ [path]: 'a'.repeat(100_000) })).get(path)
    expect(size?.bytes).toBe(100_000)
    expect(size?.gzipBytes).toBeLessThan(1_000)
    expect(sizeTable(size ? [size] : [])[0]).toMatch(/100,000 B +\d+ B gzip +\d+ % of 58,000$/)
  })

  test('a build that fails is told with its words', async () => {
    const root = planted({ 'tools/build-if-stale.mjs': "console.error('no compiler here')\nprocess.exitCode = 1\n" })
    expect(await sizeProblems(root)).toEqual(['no compiler here'])
  })
})
