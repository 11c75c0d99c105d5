import { existsSync } from 'node:fs'
import { envProblems } from './check-env.ts'
import { layerProblems } from './check-layers.ts'
import { lockfileProblems } from './check-lockfile.ts'
import { ruleProblems } from './check-rules.ts'
import { sizeProblems } from './check-size.ts'
import { textProblems } from './check-text.ts'
import { runChild } from './child.ts'
import { toolPath } from './root.ts'

/** One thing `npm run check` looks at. */
export interface Step {
  readonly name: string
  /** The faults found in the tree at `root`, as lines to print; none when all is well. */
  readonly run: (root: string) => Promise<readonly string[]>
}

const DEADLINE_MS = 120_000

/** The slowest first, since two run at a time. */
export const STEPS: readonly Step[] = [
  { name: 'lint', run: lintProblems },
  { name: 'format', run: (root) => toolProblems(root, 'prettier', ['--check', '--log-level', 'warn', '.']) },
  { name: 'types', run: typeProblems },
  { name: 'page types', run: (root) => toolProblems(root, 'vue-tsc', ['-p', 'web-demo/tsconfig.json']) },
  { name: 'dead code', run: deadCodeProblems },
  { name: 'layers', run: layerProblems },
  { name: 'sdk size', run: sizeProblems },
  { name: 'env docs', run: envProblems },
  { name: 'rule ids', run: async (root) => ruleProblems(root) },
  { name: 'lock file', run: async (root) => lockfileProblems(root) },
  { name: 'machine text', run: async (root) => textProblems(root) },
]

function lintProblems(root: string): Promise<readonly string[]> {
  const args = ['--type-aware', '--deny-warnings', '--config', '.oxlintrc.json']
  return toolProblems(root, 'oxlint', [...args, '--report-unused-disable-directives', '.'])
}

/** The SDK is checked twice: its own settings know neither Node's names nor what mini-programs lack; nor do the mini-program's. */
async function typeProblems(root: string): Promise<readonly string[]> {
  const projects = ['tsconfig.json', 'client-sdk/tsconfig.json', 'miniprogram-demo/tsconfig.json'].filter((path) =>
    existsSync(`${root}/${path}`),
  )
  const problems: string[] = []
  for (const project of projects) problems.push(...(await toolProblems(root, 'tsc', ['-p', project, '--noEmit'])))
  return projects.length > 0 ? problems : ['tsconfig.json is missing']
}

function deadCodeProblems(root: string): Promise<readonly string[]> {
  return toolProblems(root, 'knip', ['--no-progress', '--no-config-hints', '--config', 'knip.json'])
}

async function toolProblems(root: string, tool: string, args: readonly string[]): Promise<readonly string[]> {
  const command = toolPath(tool)
  const { exitCode, output, hitDeadline } = await runChild({ command, args, cwd: root, deadlineMs: DEADLINE_MS })
  if (hitDeadline) return [`${tool} did not end within ${DEADLINE_MS / 1000} s`]
  if (exitCode === 0) return []
  const text = output.trim()
  return [text === '' ? `${tool} ended with exit code ${exitCode}` : text]
}
