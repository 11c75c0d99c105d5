import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { runChild } from './child.ts'

/** One file that applications load. */
export interface BundleSize {
  readonly path: string
  readonly bytes: number
  /** After `gzip -9`, as it is counted for a download. */
  readonly gzipBytes: number
  readonly budgetBytes: number
}

/** What each may weigh after `gzip -9`. Tighten them; to loosen one needs a decision record. */
const BUDGETS: Readonly<Record<string, number>> = {
  'client-sdk/dist/miniprogram/index.js': 58_000,
  'client-sdk/dist/umd/hongyan.js': 58_000,
  'client-sdk/dist/esm/index.mjs': 58_000,
  'client-sdk/dist/node/index.mjs': 58_000,
  'client-sdk/dist/node/index.cjs': 58_000,
}
const BUILD_DEADLINE_MS = 110_000

/** The sizes of what is built; `undefined` for a file that is not there. */
export function bundleSizes(root: string): ReadonlyMap<string, BundleSize | undefined> {
  return new Map(Object.entries(BUDGETS).map(([path, budgetBytes]) => [path, sizeOf(root, path, budgetBytes)]))
}

function sizeOf(root: string, path: string, budgetBytes: number): BundleSize | undefined {
  const file = join(root, path)
  if (!existsSync(file)) return undefined
  const content = readFileSync(file)
  return { path, bytes: content.length, gzipBytes: gzipSync(content, { level: 9 }).length, budgetBytes }
}

/** A line per bundle: what it weighs, and how much of its budget that is. */
export function sizeTable(sizes: readonly BundleSize[]): readonly string[] {
  const rows = sizes.map(({ path, bytes, gzipBytes, budgetBytes }) => [
    path.replace('client-sdk/dist/', ''),
    `${bytes.toLocaleString('en')} B`,
    `${gzipBytes.toLocaleString('en')} B gzip`,
    `${Math.round((100 * gzipBytes) / budgetBytes)} % of ${budgetBytes.toLocaleString('en')}`,
  ])
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(22) : cell.padStart(18)))
      .join('')
      .trimEnd(),
  )
}

/** Builds what is stale and weighs it: a line per bundle that is missing or over its budget. Prints the table. */
export async function sizeProblems(root: string): Promise<readonly string[]> {
  const problems = await buildProblems(root)
  if (problems.length > 0) return problems
  const sizes = bundleSizes(root)
  for (const line of sizeTable([...sizes.values()].filter((size) => size !== undefined))) console.log(`        ${line}`)
  return overBudget(sizes)
}

/** The faults among these sizes. */
export function overBudget(sizes: ReadonlyMap<string, BundleSize | undefined>): readonly string[] {
  return [...sizes].flatMap(([path, size]) => {
    if (!size) return [`${path} was not built`]
    const excess = size.gzipBytes - size.budgetBytes
    return excess > 0 ? [`${path} is ${excess} bytes over its ${size.budgetBytes} after gzip -9`] : []
  })
}

async function buildProblems(root: string): Promise<readonly string[]> {
  const { exitCode, output } = await runChild({
    command: process.execPath,
    args: ['tools/build-if-stale.mjs'],
    cwd: root,
    deadlineMs: BUILD_DEADLINE_MS,
  })
  return exitCode === 0 ? [] : [output.trim() || 'the build did not end in time']
}
