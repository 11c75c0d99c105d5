import { argv, stdout } from 'node:process'
import { checkProject } from './check.ts'
import { describeFault } from './fault.ts'

const projectDir = argv[2]
if (projectDir === undefined) {
  stdout.write('usage: tsx --conditions=source miniprogram-runner/src/check/cli.ts <projectDir>\n')
  process.exitCode = 2
} else {
  const { faults, packages, pages, components, scripts } = checkProject(projectDir)
  for (const fault of faults) stdout.write(`${describeFault(fault)}\n`)
  for (const { package: name, bytes } of packages)
    stdout.write(`${name === '' ? 'main package' : name}: ${(bytes / 1024).toFixed(0)} KB of 2048 KB\n`)
  stdout.write(`${pages} pages, ${components} components, ${scripts} scripts: ${faults.length} faults\n`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
