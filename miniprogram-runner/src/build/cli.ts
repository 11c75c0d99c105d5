import { relative, resolve } from 'node:path'
import { buildNpm } from './build-npm.ts'
import { compileApp } from './compile-app.ts'
import { readNpmTargets } from './npm-targets.ts'

const USAGE = `usage:
  cli.ts npm <project>               builds miniprogram_npm as the project's project.config.json says
  cli.ts compile <project> <outDir>  compiles the mini-program for Chromium`

async function buildProjectNpm(project: string): Promise<void> {
  for (const target of readNpmTargets(project)) {
    const built = await buildNpm(target)
    for (const { name, version, how } of built) console.log(`${name} ${version} ${how}`)
    console.log(`→ ${relative(process.cwd(), target.outDir)}`)
  }
}

async function compileProject(root: string, outDir: string): Promise<void> {
  const { pages, components, modules, warnings } = await compileApp({ root, outDir })
  for (const warning of warnings) console.warn(warning)
  console.log(`${pages.length} pages, ${components.length} components, ${modules.length} modules → ${outDir}`)
}

const [command, project, outDir] = process.argv.slice(2)
if (command === 'npm' && project !== undefined) await buildProjectNpm(resolve(project))
else if (command === 'compile' && project !== undefined && outDir !== undefined)
  await compileProject(resolve(project), resolve(outDir))
else {
  console.error(USAGE)
  process.exitCode = 2
}
