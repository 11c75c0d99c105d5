import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollUpTypes } from './roll-up-types.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * Writes the public types: what an application can reach from the module, in one file that needs no other package. Twice,
 * since `import` gives a default export and `require` the module itself. Throws with the compiler's words.
 */
export function buildTypes(): void {
  const parts = mkdtempSync(join(tmpdir(), 'hongyan-types-'))
  try {
    emitDeclarations(parts)
    const { text, types } = rollUpTypes(join(parts, 'tim/module.d.ts'), 'TimModule')
    mkdirSync(here('dist/types'), { recursive: true })
    writeFileSync(here('dist/types/index.d.ts'), asEsModule(text, types))
    writeFileSync(here('dist/types/index.d.cts'), asCommonJs(text, types))
  } finally {
    rmSync(parts, { recursive: true, force: true })
  }
}

function emitDeclarations(outDir: string): void {
  const tsc = here('../node_modules/.bin/tsc')
  const args = ['-p', here('tsconfig.build.json'), '--outDir', outDir]
  const { status, stdout } = spawnSync(tsc, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the SDK's types could not be built:\n${stdout}`)
}

function asEsModule(text: string, types: readonly string[]): string {
  return `${text}\ndeclare const TIM: TimModule\nexport default TIM\nexport type { ${types.join(', ')} }\n`
}

function asCommonJs(text: string, types: readonly string[]): string {
  const named = `declare namespace TIM {\n  export type { ${types.join(', ')} }\n}`
  return `${text}\ndeclare const TIM: TimModule\n${named}\nexport = TIM\n`
}
