import { toolPath } from './root.ts'
import { runChild } from './child.ts'
import { sourceFiles } from './source-files.ts'

const CRUISED = ['protocol/src', 'server/src', 'client-sdk/src']
const DEADLINE_MS = 60_000

interface CruiseResult {
  readonly modules: readonly { readonly source: string }[]
  readonly summary: {
    readonly violations: readonly {
      readonly rule: { readonly name: string }
      readonly from: string
      readonly to: string
    }[]
  }
}

/**
 * The layer rules of `.dependency-cruiser.cjs`, and that each source file was really looked at: without the TypeScript 6
 * API the tool reports no violation in 0 modules.
 */
export async function layerProblems(root: string): Promise<readonly string[]> {
  const sources = sourceFiles(root).filter(
    (path) => path.endsWith('.ts') && CRUISED.some((folder) => path.startsWith(folder)),
  )
  if (sources.length === 0) return [`no source under ${CRUISED.join(', ')}: the check would be blind`]
  const folders = CRUISED.filter((folder) => sources.some((path) => path.startsWith(folder)))

  const { output, exitCode } = await runChild({
    command: toolPath('depcruise'),
    args: ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', '--no-progress', ...folders],
    cwd: root,
    deadlineMs: DEADLINE_MS,
  })
  const result = parseResult(output)
  if (!result) return [`dependency-cruiser gave no result (exit code ${exitCode}):\n${output.slice(0, 2000)}`]

  const seen = new Set(result.modules.map((module) => module.source))
  return [
    ...result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
    ...sources.filter((path) => !seen.has(path)).map((path) => `${path} was not cruised`),
  ]
}

function parseResult(output: string): CruiseResult | undefined {
  const start = output.indexOf('{')
  const end = output.lastIndexOf('}')
  try {
    return JSON.parse(output.slice(start, end + 1)) as CruiseResult
  } catch {
    return undefined
  }
}
